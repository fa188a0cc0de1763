// SPDX-License-Identifier: GPL-2.0

//! RTNL, the mutex that serializes changes of devices and their addresses.
//!
//! C header: `include/linux/rtnetlink.h`

use crate::bindings;
use core::ops::Deref;
use kernel::types::NotThreadSafe;

/// RTNL, held by this task: behind a reference, the proof of that.
///
/// # Invariants
///
/// This task holds RTNL for as long as it has this.
pub(crate) struct Rtnl {
    _not_send: NotThreadSafe,
}

impl Rtnl {
    /// Takes the mutex. Sleeps.
    pub(crate) fn lock() -> RtnlGuard {
        // SAFETY: Process context is all it takes; the guard gives it back.
        unsafe { bindings::rtnl_lock() };
        // INVARIANT: It has just been taken.
        RtnlGuard(Self {
            _not_send: NotThreadSafe,
        })
    }

    /// Takes the mutex if it is free.
    pub(crate) fn try_lock() -> Option<RtnlGuard> {
        // SAFETY: There is nothing to ask for; the guard gives it back.
        let taken = unsafe { bindings::rtnl_trylock() } != 0;
        // INVARIANT: It has just been taken.
        taken.then(|| {
            RtnlGuard(Self {
                _not_send: NotThreadSafe,
            })
        })
    }

    /// RTNL as our caller holds it.
    ///
    /// # Safety
    ///
    /// This task holds RTNL for `'a`.
    pub(crate) unsafe fn held<'a>() -> &'a Self {
        // INVARIANT: The caller promises it.
        &Self {
            _not_send: NotThreadSafe,
        }
    }
}

/// RTNL, held by this task until this is dropped.
///
/// # Invariants
///
/// This task took it, and has to give it back.
pub(crate) struct RtnlGuard(Rtnl);

impl Deref for RtnlGuard {
    type Target = Rtnl;

    fn deref(&self) -> &Rtnl {
        &self.0
    }
}

impl Drop for RtnlGuard {
    fn drop(&mut self) {
        // SAFETY: This task took it, and whoever borrowed it from the guard is gone.
        unsafe { bindings::rtnl_unlock() }
    }
}
