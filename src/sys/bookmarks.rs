// SPDX-License-Identifier: GPL-2.0

//! Bookmarks for readers of a namespace's `/proc/net/anycast6` that read it piece by piece.

use super::net_device;
use crate::decide::bookmarks::Bookmarks;
use core::net::Ipv6Addr;
use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        SpinLock, //
    },
};

/// A line: its device and its group.
pub(crate) type Place = (net_device::Identity, Ipv6Addr);

/// The number of concurrent readers that can resume where they stopped; more disturb one another.
const READERS: usize = 8;

/// The changes of a namespace's listing, and the places where its readers have stopped.
#[pin_data]
pub(crate) struct Listing {
    changes: Atomic<u64>,
    #[pin]
    bookmarks: SpinLock<Bookmarks<Place, READERS>>,
}

impl Listing {
    /// No changes, no readers.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            changes: Atomic::new(0),
            bookmarks <- new_spinlock!(Bookmarks::new(), "anycast6 bookmarks"),
        })
    }

    /// A line was added or removed. Any context.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Relaxed);
    }

    /// The place of `line`, if a reader has stopped there. Process context.
    pub(crate) fn resume(&self, line: u64) -> Option<Place> {
        self.bookmarks.lock().find(self.changes.load(Relaxed), line)
    }

    /// A reader has stopped at `line`, which is `place`. Process context.
    pub(crate) fn stop(&self, line: u64, place: Place) {
        let mut bookmarks = self.bookmarks.lock();
        bookmarks.put(self.changes.load(Relaxed), line, place);
    }
}
