// SPDX-License-Identifier: GPL-2.0

//! RTNL, the mutex under which devices and their addresses come, change and go.
//!
//! C header: `include/linux/rtnetlink.h`

use crate::bindings;
use kernel::types::NotThreadSafe;

/// RTNL, taken by this task.
///
/// # Invariants
///
/// This task holds RTNL.
pub(crate) struct Rtnl {
    _not_send: NotThreadSafe,
}

impl Rtnl {
    /// Takes it. Sleeps.
    pub(crate) fn lock() -> Self {
        // SAFETY: Process context is all it takes; `drop()` gives it back.
        unsafe { bindings::rtnl_lock() };
        // INVARIANT: It has just been taken.
        Self {
            _not_send: NotThreadSafe,
        }
    }

    /// Takes it if nobody has it.
    pub(crate) fn try_lock() -> Option<Self> {
        // SAFETY: As above.
        let taken = unsafe { bindings::rtnl_trylock() } != 0;
        // INVARIANT: It has just been taken.
        taken.then(|| Self {
            _not_send: NotThreadSafe,
        })
    }
}

impl Drop for Rtnl {
    fn drop(&mut self) {
        // SAFETY: By the invariant.
        unsafe { bindings::rtnl_unlock() }
    }
}
