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
    /// Does it have the functions that it replaces, or get them? Not any more, when another has taken its
    /// place. Any context.
    pub(crate) fn is_enabled(&self) -> bool {
        read_once!(self, enabled)
    }
}
