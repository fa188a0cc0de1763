// SPDX-License-Identifier: GPL-2.0

//! A livepatch.
//!
//! C header: `include/linux/livepatch.h`

use crate::bindings;

face! {
    /// `struct klp_patch`.
    Livepatch(bindings::klp_patch)
}

// SAFETY: All its methods may be called from any task.
unsafe impl Sync for Livepatch {}

impl Livepatch {
    /// Whether it has replaced its functions, or is about to. False once another livepatch has
    /// replaced it. Any context.
    pub(crate) fn is_enabled(&self) -> bool {
        read_once!(self, enabled)
    }
}
