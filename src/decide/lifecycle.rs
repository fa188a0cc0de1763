// SPDX-License-Identifier: GPL-2.0

//! The life cycle of a group: the steps that bring its publication into line with its holders and
//! its device.
//!
//! A group is [`State::Published`] (listed, answered for, delivered) or [`State::Dormant`] (held
//! only). It begins and ends dormant:
//!
//! ```text
//!              Publish                 Withdraw, from either
//!   Dormant ------------> Published ---------------------------> gone
//!           <------------     |
//!              Suspend        +-- Repair: restore a missing route or solicited-node group, export
//! ```
//!
//! There are no states in between. All changes of a device's groups are made under its publish
//! lock, so nobody sees a group half published.

/// Whether a group is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is not: the device cannot carry it, it yields to an address of the device, it is switched
    /// off, or none of these has been checked yet.
    Dormant,
    /// The group is listed, and the host answers for it.
    Published,
}

/// A snapshot of a group, its holders and its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    /// The group has holders.
    pub(crate) held: bool,
    /// The device is up with IPv6 enabled, and is not a port of another device.
    pub(crate) carried: bool,
    /// A program or a module holds the group, or addrconf alone and the namespace's subnet-router
    /// anycasts are switched on.
    pub(crate) wanted: bool,
    /// The group's address is a unicast address of the device, tentative or not, and addrconf is
    /// not the only holder. Packets for the address are the host's own then. Subnet-router anycasts
    /// that addrconf alone holds stay: routers may use them as unicast addresses of their own.
    pub(crate) yields: bool,
    /// The group's route is in its table, and the host has joined the solicited-node group where it
    /// has to. Ignored for a dormant group, which has neither.
    pub(crate) reachable: bool,
    /// The group is exported to the table that the namespace asks for, or to none if it asks for
    /// none. Ignored for a dormant group, which is not exported.
    pub(crate) exported: bool,
}

impl Observed {
    /// Whether other members may serve neighbours when the group is no longer published here: the
    /// device could go on, and the address is not its own.
    pub(crate) fn is_for_others(&self) -> bool {
        self.carried && !self.yields
    }
}

/// The next step for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// List the group, answer for it, notify (`RTM_NEWANYCAST`).
    Publish,
    /// Give the group a new route, as somebody has deleted the old one, or add what failed for lack
    /// of memory: the route or the solicited-node group. Then export the group, or end that, as the
    /// namespace asks. The group does not change, so there is no notification.
    Repair,
    /// End the export, stop answering, take the group off the list, notify (`RTM_DELANYCAST`), but
    /// keep the group.
    Suspend,
    /// Like [`Step::Suspend`] for a published group, then remove the group.
    Withdraw,
}

/// The next step, [`None`] when all is as it should be.
pub(crate) fn step(state: State, sight: Observed) -> Option<Step> {
    if !sight.held {
        return Some(Step::Withdraw);
    }
    let possible = sight.carried && sight.wanted && !sight.yields;
    match (state, possible) {
        (State::Dormant, true) => Some(Step::Publish),
        (State::Dormant, false) => None,
        (State::Published, false) => Some(Step::Suspend),
        (State::Published, true) if !sight.reachable || !sight.exported => Some(Step::Repair),
        (State::Published, true) => None,
    }
}
