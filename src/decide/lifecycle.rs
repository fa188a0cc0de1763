// SPDX-License-Identifier: GPL-2.0

//! The life cycle of a group: the steps that bring its publication into line with its holders and
//! its device.
//!
//! A group is [`State::Published`] (listed, answered for, delivered), [`State::Draining`] (the same, but
//! neighbours that look for any member get no answer) or [`State::Dormant`] (held only). It begins and ends
//! dormant:
//!
//! ```text
//!              Publish                Drain              Withdraw, from each
//!   Dormant ------------> Published <--------> Draining ---------------------> gone
//!           <------------     |       Resume      |
//!               Hide          +-------------------+-- Repair: restore a missing route or solicited-node
//!           <--------------------------------------   group, export
//! ```
//!
//! There are no states in between. All changes of a device's groups are made under its publish
//! lock, so nobody sees a group half published.

use super::service::Phase;

/// Whether and how the group is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is not: the device cannot carry it, it yields to an address of the device, it is suspended or
    /// switched off, or none of these has been checked yet.
    Dormant,
    /// The group is listed, and the host takes its packets and answers neighbours that use it, but it has
    /// left the solicited-node group.
    Draining,
    /// The group is listed, and the host answers for it.
    Published,
}

/// The state of a group as users see it: of a dormant one, why it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Condition {
    /// [`State::Published`]
    Published,
    /// [`State::Draining`]
    Draining,
    /// Its service asks for it.
    Suspended,
    /// The device cannot carry it, or that has not been checked yet.
    Dormant,
    /// Its device has the address.
    Yielding,
    /// Nobody but addrconf wants it, and that does not count.
    Off,
}

impl Condition {
    /// Its name: ABI.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draining => "draining",
            Self::Suspended => "suspended",
            Self::Dormant => "dormant",
            Self::Yielding => "yielding",
            Self::Off => "off",
        }
    }
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
    /// What its service asks for.
    pub(crate) phase: Phase,
    /// The group's route is in its table, and the host has joined the solicited-node group where it
    /// has to, or has left it for a group that drains. Ignored for a dormant group, which has neither.
    pub(crate) reachable: bool,
    /// The group is exported to the table that the namespace asks for, or to none if it asks for
    /// none or the group drains. Ignored for a dormant group, which is not exported.
    pub(crate) exported: bool,
}

impl Observed {
    /// Whether other members may serve neighbours when the group is no longer published here: the
    /// device could go on, and the address is not its own.
    pub(crate) fn is_for_others(&self) -> bool {
        self.carried && !self.yields
    }

    /// What the group has to become.
    fn aim(&self) -> State {
        match self.phase {
            _ if !self.carried || !self.wanted || self.yields => State::Dormant,
            Phase::Serving => State::Published,
            Phase::Draining | Phase::Parting => State::Draining,
            Phase::Suspended => State::Dormant,
        }
    }
}

/// The next step for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// List the group, answer for it, notify (`RTM_NEWANYCAST`).
    Publish,
    /// End the export, and leave the solicited-node group. Takes no memory.
    Drain,
    /// End the drain; then as [`Step::Repair`].
    Resume,
    /// Give the group a new route, as somebody has deleted the old one, or add what failed for lack
    /// of memory: the route or the solicited-node group. Then export the group, or end that, as the
    /// namespace asks. The group does not change, so there is no notification.
    Repair,
    /// End the export, stop answering, take the group off the list, notify (`RTM_DELANYCAST`), but
    /// keep the group.
    Hide,
    /// Like [`Step::Hide`] for a group that is listed, then remove the group.
    Withdraw,
}

/// The next step, [`None`] when all is as it should be.
pub(crate) fn step(state: State, sight: Observed) -> Option<Step> {
    if !sight.held {
        return Some(Step::Withdraw);
    }
    match (state, sight.aim()) {
        (State::Dormant, State::Dormant) => None,
        (State::Dormant, _) => Some(Step::Publish),
        (_, State::Dormant) => Some(Step::Hide),
        (State::Published, State::Draining) => Some(Step::Drain),
        (State::Draining, State::Published) => Some(Step::Resume),
        _ if !sight.reachable || !sight.exported => Some(Step::Repair),
        _ => None,
    }
}

/// What users see of a group in `state`; `sight` is asked for when it matters.
pub(crate) fn condition(state: State, sight: impl FnOnce() -> Observed) -> Condition {
    match state {
        State::Published => Condition::Published,
        State::Draining => Condition::Draining,
        State::Dormant => asleep(sight()),
    }
}

fn asleep(sight: Observed) -> Condition {
    match sight.phase {
        Phase::Suspended => Condition::Suspended,
        _ if sight.yields => Condition::Yielding,
        _ if !sight.wanted => Condition::Off,
        _ => Condition::Dormant,
    }
}
