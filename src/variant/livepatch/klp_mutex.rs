// SPDX-License-Identifier: GPL-2.0

//! `klp_mutex`, which serializes changes of livepatches.

use crate::bindings::{
    self,
    symbols, //
};
use kernel::types::NotThreadSafe;

/// `klp_mutex`, held by this task. Taken before all locks of ours; RTNL may be held.
///
/// # Invariants
///
/// This task holds the mutex.
pub(super) struct KlpMutex {
    _not_send: NotThreadSafe,
}

impl KlpMutex {
    /// Takes the mutex. Sleeps.
    pub(super) fn lock() -> Self {
        // SAFETY: The mutex is the kernel's own and always there; `drop()` gives it back.
        unsafe { bindings::anycast6_helper_mutex_lock(symbols::klp_mutex()) };
        // INVARIANT: It has just been taken.
        Self {
            _not_send: NotThreadSafe,
        }
    }
}

impl Drop for KlpMutex {
    fn drop(&mut self) {
        // SAFETY: This task holds the mutex: `self` is the proof.
        unsafe { bindings::anycast6_helper_mutex_unlock(symbols::klp_mutex()) }
    }
}
