// SPDX-License-Identifier: GPL-2.0

//! When groups of a device have something to do without any event: the end of a drain or of a lease.
//!
//! The namespace's [`alarm`](super::alarm) looks at the timetables of its devices, and is set to the
//! earliest time. Under the publish lock of the device.

use kernel::prelude::*;

/// The slots of groups, each with a time.
///
/// # Invariants
///
/// No slot is here twice.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Timetable(KVVec<(u64, usize)>);

impl Timetable {
    /// Without any.
    pub(crate) const fn new() -> Self {
        Self(KVVec::new())
    }

    /// Makes room for another slot. Fails with `ENOMEM`.
    pub(crate) fn make_room(&mut self) -> Result {
        self.0.reserve(1, GFP_KERNEL).map_err(|_| ENOMEM)
    }

    /// Sets the time of `slot`, after [`Timetable::make_room()`] if it has had none.
    pub(crate) fn set(&mut self, slot: usize, time: Option<u64>) {
        self.0.retain(|&mut (_, other)| other != slot);
        if let Some(time) = time {
            // INVARIANT: It has just been removed.
            let _ = self.0.push_within_capacity((time, slot));
        }
    }

    /// Removes a slot whose time has come by `now`.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<usize> {
        let due = self.0.iter().find(|(time, _)| *time <= now)?.1;
        self.set(due, None);
        Some(due)
    }

    /// The earliest time.
    pub(crate) fn next(&self) -> Option<u64> {
        self.0.iter().map(|(time, _)| *time).min()
    }
}
