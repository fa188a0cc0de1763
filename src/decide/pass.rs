// SPDX-License-Identifier: GPL-2.0

//! A pass over all groups of a network namespace, some of them at a time.
//!
//! Between two steps devices and groups come and go. A pass misses none that is there all the time: it
//! goes through the devices in the order of their identities, and through the places of the groups of each
//! from the last to the first. New groups, which come by themselves, may make more places meanwhile.

/// How far a pass has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pass<D> {
    /// So many events had come when it began, all of which it answers.
    events: u64,
    /// The device that it has come to, and how many groups are left there.
    reached: Option<(D, usize)>,
    /// Something has to be tried again.
    failed: bool,
}

/// Where a pass goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next<D> {
    /// At the first device.
    First,
    /// At this device, or the one behind it if that has gone.
    From(D),
    /// At the one behind this device.
    Behind(D),
}

/// What is to be done when a pass has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing.
    Rest,
    /// Another pass: something has happened meanwhile.
    Again,
    /// Another pass, later: something has to wait.
    Later,
}

impl<D: Copy + PartialEq> Pass<D> {
    /// Begins one, after so many events.
    pub(crate) fn begin(events: u64) -> Self {
        Self {
            events,
            reached: None,
            failed: false,
        }
    }

    /// Where it goes on.
    pub(crate) fn next(&self) -> Next<D> {
        match self.reached {
            None => Next::First,
            Some((device, 0)) => Next::Behind(device),
            Some((device, _)) => Next::From(device),
        }
    }

    /// So many groups of `device` are still to be looked at; [`None`] for all that there are.
    pub(crate) fn left(&self, device: D) -> Option<usize> {
        self.reached
            .filter(|&(reached, _)| reached == device)
            .map(|(_, left)| left)
    }

    /// It has looked at groups of `device`, where so many are left, and all went well or not.
    pub(crate) fn went(&mut self, device: D, left: usize, well: bool) {
        self.reached = Some((device, left));
        self.failed |= !well;
    }

    /// It has come to the end, after so many events, and somebody asked for another `try` meanwhile.
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
