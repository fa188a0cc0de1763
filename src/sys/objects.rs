// SPDX-License-Identifier: GPL-2.0

//! Counts the objects of each kind that the module has made and dropped.

use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

/// The module's state of network namespaces.
pub(crate) const NAMESPACES: usize = 0;
/// Devices with groups.
pub(crate) const INTERFACES: usize = 1;
/// Groups with holders.
pub(crate) const GROUPS: usize = 2;
/// Memberships of sockets.
pub(crate) const MEMBERS: usize = 3;
/// Memberships that SYNs may find.
pub(crate) const JOINED: usize = 4;

/// The names of the kinds: those of the file in debugfs.
const NAMES: [&str; 5] = ["namespaces", "interfaces", "groups", "members", "joined"];

struct Count {
    made: Atomic<u64>,
    gone: Atomic<u64>,
}

static COUNTS: [Count; NAMES.len()] = [const {
    Count {
        made: Atomic::new(0),
        gone: Atomic::new(0),
    }
}; NAMES.len()];

/// Counts an object of a kind, for as long as this lives.
pub(crate) struct Counted<const KIND: usize>(());

impl<const KIND: usize> Counted<KIND> {
    /// Counts one more. Any context.
    pub(crate) fn new() -> Self {
        Self::count().made.add(1, Relaxed);
        Self(())
    }

    fn count() -> &'static Count {
        &COUNTS[KIND]
    }
}

impl<const KIND: usize> Drop for Counted<KIND> {
    fn drop(&mut self) {
        Self::count().gone.add(1, Relaxed);
    }
}

/// For each kind: its name, the number made, and the number gone.
pub(crate) fn counts() -> impl Iterator<Item = (&'static str, u64, u64)> {
    NAMES.into_iter().zip(&COUNTS).map(|(name, count)| {
        // Read first: an object that goes meanwhile has been made.
        let gone = count.gone.load(Relaxed);
        (name, count.made.load(Relaxed), gone)
    })
}
