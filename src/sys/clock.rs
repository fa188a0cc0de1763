// SPDX-License-Identifier: GPL-2.0

//! The time.
//!
//! C header: `include/linux/ktime.h`

use crate::bindings;

/// Milliseconds of a clock that only goes on, and stands still while the machine sleeps. Any context.
pub(crate) fn now() -> u64 {
    // SAFETY: The call has no preconditions.
    unsafe { bindings::anycast6_helper_now_msecs() }
}
