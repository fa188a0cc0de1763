// SPDX-License-Identifier: GPL-2.0

//! Where a reader is among the groups of a device and their holders.

use super::members::Turn;

/// The slot of a group, and the holder whose turn it is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(super) slot: usize,
    pub(super) turn: Turn,
}

impl Place {
    /// Before all groups.
    pub(super) const FIRST: Self = Self::before(0);

    const fn before(slot: usize) -> Self {
        Self {
            slot,
            turn: Turn::Addrconf,
        }
    }

    /// Goes to the next group.
    pub(super) fn pass_group(&mut self) {
        *self = Self::before(self.slot + 1);
    }

    /// Goes to the next holder.
    pub(super) fn pass_holder(&mut self) {
        self.turn = self.turn.next();
    }
}

/// The result of a look at the groups from a position on.
pub(crate) enum Look<T> {
    /// What was there.
    Found(T),
    /// Nothing so far: look again from the new position.
    Further,
    /// There is no more.
    End,
}
