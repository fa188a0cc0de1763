// SPDX-License-Identifier: GPL-2.0

//! When groups of a device have something to do without any event: the end of a drain or of a lease.
//!
//! The namespace's [`alarm`](super::alarm) looks at the timetables of its devices, and is set to the
//! earliest time. Under the publish lock of the device.

use kernel::{
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNode,
        RBTreeNodeReservation, //
    },
};

/// The slots of groups, each with a time. One of many takes as long as one of few.
///
/// # Invariants
///
/// `order` has the same pairs as `times`.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Timetable {
    times: RBTree<usize, u64>,
    order: RBTree<(u64, usize), ()>,
    room: Option<Room>,
}

/// For a slot and its time.
#[cfg_attr(test, derive(Hash))]
struct Room(
    RBTreeNodeReservation<usize, u64>,
    RBTreeNodeReservation<(u64, usize), ()>,
);

impl Timetable {
    /// Without any.
    pub(crate) fn new() -> Self {
        // INVARIANT: There are no pairs.
        Self {
            times: RBTree::new(),
            order: RBTree::new(),
            room: None,
        }
    }

    /// Makes room for another slot. Fails with `ENOMEM`.
    pub(crate) fn make_room(&mut self) -> Result {
        if self.room.is_none() {
            let time = RBTreeNodeReservation::new(GFP_KERNEL)?;
            self.room = Some(Room(time, RBTreeNodeReservation::new(GFP_KERNEL)?));
        }
        Ok(())
    }

    /// Sets the time of `slot`: it has had one, or [`Timetable::make_room()`] or [`Timetable::take_due()`] was
    /// called for it.
    pub(crate) fn set(&mut self, slot: usize, time: Option<u64>) {
        let spare = self.room.take();
        if let (Some(room), Some(time)) = (self.remove(slot).or(spare), time) {
            self.insert(slot, time, room);
        }
    }

    /// Removes a slot whose time has come by `now`, and keeps its room.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<usize> {
        let &(_, due) = self.order.keys().next().filter(|(time, _)| *time <= now)?;
        self.room = self.remove(due);
        Some(due)
    }

    /// The earliest time.
    pub(crate) fn next(&self) -> Option<u64> {
        self.order.keys().next().map(|&(time, _)| time)
    }

    fn insert(&mut self, slot: usize, time: u64, Room(by_slot, by_time): Room) {
        // INVARIANT: Both get the pair.
        self.times.insert(by_slot.into_node(slot, time));
        self.order.insert(by_time.into_node((time, slot), ()));
    }

    fn remove(&mut self, slot: usize) -> Option<Room> {
        let time = *self.times.get(&slot)?;
        // INVARIANT: Both lose the pair.
        let by_slot = self.times.remove_node(&slot);
        let by_time = self.order.remove_node(&(time, slot));
        Some(Room(
            by_slot.map(RBTreeNode::into_reservation)?,
            by_time.map(RBTreeNode::into_reservation)?,
        ))
    }
}
