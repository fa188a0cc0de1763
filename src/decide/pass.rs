// SPDX-License-Identifier: GPL-2.0

//! A pass over all groups of a network namespace, in steps.
//!
//! Devices and groups come and go between two steps. A pass misses none that stays: it visits the
//! devices in the order of their identities, and the slots of each device from the last to the
//! first. New groups may add slots meanwhile; they need no visit, as each is settled when it is
//! joined.

/// The progress of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pass<D> {
    /// The number of events when it began. It covers all of them.
    events: u64,
    /// The current device, and how many slots are left there.
    reached: Option<(D, usize)>,
    /// A group has to be retried.
    failed: bool,
}

/// The device where a pass continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next<D> {
    /// The first one.
    First,
    /// This device, or the first one after it if it has gone.
    From(D),
    /// The first one after this device.
    Behind(D),
}

/// What to do when a pass has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing.
    Rest,
    /// Another pass at once, as there were events meanwhile.
    Again,
    /// Another pass later, as something has to be retried.
    Later,
}

impl<D: Copy + PartialEq> Pass<D> {
    /// Begins a pass after `events` events.
    pub(crate) fn begin(events: u64) -> Self {
        Self {
            events,
            reached: None,
            failed: false,
        }
    }

    /// Where it continues.
    pub(crate) fn next(&self) -> Next<D> {
        match self.reached {
            None => Next::First,
            Some((device, 0)) => Next::Behind(device),
            Some((device, _)) => Next::From(device),
        }
    }

    /// The slots of `device` that are left; [`None`] for all.
    pub(crate) fn left(&self, device: D) -> Option<usize> {
        self.reached
            .filter(|&(reached, _)| reached == device)
            .map(|(_, left)| left)
    }

    /// It has visited slots of `device`; `left` are left there. `well`: nothing has to be retried.
    pub(crate) fn went(&mut self, device: D, left: usize, well: bool) {
        self.reached = Some((device, left));
        self.failed |= !well;
    }

    /// It has ended. `events`: the number of events now; `again`: a retry was requested meanwhile.
    pub(crate) fn end(self, events: u64, again: bool) -> End {
        match self {
            Self {
                events: answered, ..
            } if answered != events => End::Again,
            Self { failed: true, .. } => End::Later,
            _ if again => End::Later,
            _ => End::Rest,
        }
    }
}
