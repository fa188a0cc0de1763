// SPDX-License-Identifier: GPL-2.0

//! The lock of a device's groups.
//!
//! C header: `include/net/if_inet6.h` (`idev->lock`)

use crate::{
    bindings,
    sys::{
        face::Face,
        inet6_dev::Inet6Dev, //
    },
};
use kernel::types::NotThreadSafe;

/// The groups of a device under `idev->lock`, with bottom halves disabled. Nothing sleeps while
/// this exists.
///
/// # Invariants
///
/// This task holds `idev->lock` for writing. Every group on the list is in the hash too.
pub(crate) struct LockedGroups<'a> {
    pub(super) idev: &'a Inet6Dev,
    _not_send: NotThreadSafe,
}

impl Inet6Dev {
    /// Takes `idev->lock` for writing, with bottom halves disabled.
    pub(crate) fn lock_groups(&self) -> LockedGroups<'_> {
        // SAFETY: The object is alive; the lock is given back by `drop()`.
        unsafe { bindings::anycast6_helper_idev_write_lock_bh(self.as_ptr()) };
        // INVARIANT: The lock has just been taken, and all who list a group hash it under the lock.
        LockedGroups {
            idev: self,
            _not_send: NotThreadSafe,
        }
    }
}

impl LockedGroups<'_> {
    /// Whether IPv6 has left the device for good, which refuses all joins.
    pub(crate) fn is_dead(&self) -> bool {
        // SAFETY: The object is alive and the lock is held.
        unsafe { bindings::anycast6_helper_idev_dead(self.idev.as_ptr()) }
    }
}

impl Drop for LockedGroups<'_> {
    fn drop(&mut self) {
        // SAFETY: This task holds the lock: `self` is the proof.
        unsafe { bindings::anycast6_helper_idev_write_unlock_bh(self.idev.as_ptr()) }
    }
}
