// SPDX-License-Identifier: GPL-2.0

//! The life of a group: what has to be done for the world to see what its holders and its device ask
//! for.
//!
//! A group is [`State::Published`] (listed, answered for, delivered) or [`State::Dormant`] (held
//! only). It begins and ends dormant:
//!
//! ```text
//!              Publish                 Withdraw, from either
//!   Dormant ------------> Published ---------------------------> gone
//!           <------------     |
//!              Suspend        +-- Repair: a lost route is made anew, a lack of memory made up for
//! ```
//!
//! There are no states between these two. All changes of a device's groups are made under its publish
//! lock, so nobody can meet a group half published.

/// What the world sees of a group that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing: the device cannot carry the group, the group yields to an address of the device, or
    /// neither has been looked at yet.
    Dormant,
    /// The group is listed, and the host answers for it.
    Published,
}

/// What there is to see of a group, its holders and its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Somebody holds the group.
    pub(crate) held: bool,
    /// The device is up and speaks IPv6.
    pub(crate) carried: bool,
    /// The group's address is a unicast address of the device, be it tentative, and somebody besides
    /// addrconf holds the group. Packets for the address are the host's own then. addrconf's own
    /// subnet-router anycasts stay: routers may number themselves so.
    pub(crate) yields: bool,
    /// The group's route is in its table, and the host listens for its solicitations. Without meaning
    /// for a dormant group, which has neither.
    pub(crate) reachable: bool,
}

/// What has to be done to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// List the group, answer for it, tell (`RTM_NEWANYCAST`).
    Publish,
    /// Give the group a new route, for somebody has deleted the old one, or what there was no memory
    /// for: a route, or to listen for its solicitations. No change of the group, so nothing is told.
    Repair,
    /// Stop answering, take the group off the list, tell (`RTM_DELANYCAST`); but keep it.
    Suspend,
    /// As [`Step::Suspend`] where the group is published, then forget it.
    Withdraw,
}

/// The next thing to do, [`None`] when all is as it should be.
pub(crate) fn step(state: State, sight: Observed) -> Option<Step> {
    if !sight.held {
        return Some(Step::Withdraw);
    }
    let possible = sight.carried && !sight.yields;
    match (state, possible) {
        (State::Dormant, true) => Some(Step::Publish),
        (State::Dormant, false) => None,
        (State::Published, false) => Some(Step::Suspend),
        (State::Published, true) if !sight.reachable => Some(Step::Repair),
        (State::Published, true) => None,
    }
}
