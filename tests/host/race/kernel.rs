// SPDX-License-Identifier: GPL-2.0

//! The kernel's objects, as far as one group of one device is concerned, and what can be done to them
//! at once.

use super::{
    fault::{self, Fault},
    module::Ledger,
};
use crate::{decide::users::Users, explorer::World};

/// Number of a `struct inet6_dev` of the device, in the order of their coming.
pub(super) type Idev = usize;
/// Number of a route, in the order of their making.
pub(super) type Route = u8;

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kernel {
    pub(super) rtnl: bool,
    /// The group's address as a unicast address of the device, with its route.
    pub(super) unicast: Option<Route>,
    /// Its route has been put into the table, or should have been.
    pub(super) routes_unicast: bool,
    /// It has been added after the module had agreed.
    pub(super) agreed: bool,
    /// `src/group/numbering.rs`: it is about to be added.
    pub(super) expected: bool,
    /// Whoever joins has the privilege to keep it away.
    pub(super) privileged: bool,
    /// The device is up.
    pub(super) up: bool,
    /// `dev->ip6_ptr`
    pub(super) ipv6: Option<Idev>,
    /// All that there have been.
    pub(super) idevs: Vec<Inet6Dev>,
    /// The route of the group's address that is in its table.
    pub(super) in_table: Option<Route>,
    /// Routes that have been in the table, and left it: a bit each.
    spent: u64,
    made: Route,
    /// `RTM_NEWANYCAST` less `RTM_DELANYCAST`
    pub(super) told: i8,
    /// The module hears of routes and addresses.
    pub(super) heard: bool,
    /// Those of the namespace that the module may have to look after.
    pub(super) events: u8,
    pub(super) work: Work,
    /// Somebody has asked for another try.
    pub(super) again: bool,
    pub(super) pass: Option<Pass>,
    /// Allocations fail.
    pub(super) no_memory: bool,
    /// Which sockets have a membership.
    pub(super) members: [bool; 3],
    /// The device has been unregistered.
    pub(super) unregistered: bool,
    /// Sockets, events and the like that still have something to do.
    pub(super) busy: u8,
    pub(super) tables: Tables,
    first_fault: Option<Fault>,
}

/// `struct inet6_dev`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Inet6Dev {
    pub(super) dead: bool,
    pub(super) disabled: bool,
    /// The group on `ac_list`.
    pub(super) listed: Option<Listed>,
    /// Holds of the solicited-node multicast group.
    pub(super) solicited: u8,
}

/// `struct ifacaddr6`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Listed {
    pub(super) users: i32,
    pub(super) route: Route,
}

/// Work that has been put off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Work {
    pub(super) soon: bool,
    /// To be tried again when there is memory.
    pub(super) later: bool,
}

/// `decide::pass`, of one step
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pass {
    /// So many of the events it answers.
    pub(super) events: u8,
    pub(super) failed: bool,
}

/// What the module knows more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tables {
    /// The device has an interface there.
    pub(super) interface: bool,
    /// The publish lock of the interface.
    pub(super) publish: bool,
    /// [`None`] once the interface has left the tables.
    pub(super) ledger: Option<Ledger>,
}

impl Kernel {
    /// A device that is up and has no groups.
    pub(super) fn new() -> Self {
        Self {
            rtnl: false,
            unicast: None,
            routes_unicast: false,
            agreed: false,
            expected: false,
            privileged: true,
            up: true,
            ipv6: Some(0),
            idevs: vec![Inet6Dev::default()],
            in_table: None,
            spent: 0,
            made: 0,
            told: 0,
            heard: false,
            events: 0,
            work: Work::default(),
            again: false,
            pass: None,
            no_memory: false,
            members: [false; 3],
            unregistered: false,
            busy: 0,
            tables: Tables {
                interface: false,
                publish: false,
                ledger: None,
            },
            first_fault: None,
        }
    }

    /// The same, for programs without privilege.
    pub(super) fn unprivileged(mut self) -> Self {
        self.privileged = false;
        self
    }

    /// The same, and the last socket is a member.
    pub(super) fn with_member(mut self) -> Self {
        let route = self.new_route();
        self.in_table = Some(route);
        self.idevs[0].listed = Some(Listed { users: 1, route });
        self.idevs[0].solicited = 1;
        self.told = 1;
        self.members[2] = true;
        self
    }

    /// Notes the first thing that went wrong.
    pub(super) fn blame(&mut self, fault: Fault) {
        self.first_fault.get_or_insert(fault);
    }

    /// `addrconf_f6i_alloc()`
    pub(super) fn new_route(&mut self) -> Route {
        self.made += 1;
        self.made
    }

    /// `ip6_ins_rt()`. Says whether there was none before.
    pub(super) fn insert(&mut self, route: Route) -> bool {
        if self.spent & (1 << route) != 0 {
            self.blame(Fault::SpentRoute);
        }
        let free = self.in_table.is_none();
        if free {
            self.in_table = Some(route);
        }
        free
    }

    /// `ip6_del_rt()`. A route that is not in the table stays away.
    pub(super) fn delete(&mut self, route: Route) {
        if self.in_table == Some(route) {
            self.flush();
        }
    }

    /// Has the host the address itself, or is it about to? Then somebody holds the group in vain.
    pub(super) fn yields(&self) -> bool {
        self.expected || self.unicast.is_some()
    }

    /// Does the module hear that the listed group has lost its route?
    pub(super) fn hears_of_loss(&self) -> bool {
        let mut listed = self.idevs.iter().filter_map(|idev| idev.listed);
        self.heard && listed.any(|group| self.in_table != Some(group.route))
    }

    /// Empties the table.
    pub(super) fn flush(&mut self) {
        if let Some(route) = self.in_table.take() {
            self.spent |= 1 << route;
        }
    }

    /// The socket has a membership now.
    pub(super) fn remember(&mut self, socket: usize) {
        self.members[socket] = true;
    }

    /// Had the socket a membership? It has none now.
    pub(super) fn forget(&mut self, socket: usize) -> bool {
        std::mem::take(&mut self.members[socket])
    }

    /// `addrconf_join_solict()`
    pub(super) fn join_solicited_node(&mut self) {
        if let Some(idev) = self.ipv6.map(|idev| &mut self.idevs[idev]) {
            idev.solicited += u8::from(!idev.dead);
        }
    }

    /// `addrconf_leave_solict()`
    pub(super) fn leave_solicited_node(&mut self, idev: Idev) {
        let idev = &mut self.idevs[idev];
        idev.solicited = idev.solicited.saturating_sub(1);
    }

    /// Can the host answer for groups on `idev`?
    pub(super) fn carries(&self, idev: Idev) -> bool {
        let idev = &self.idevs[idev];
        !idev.dead && !idev.disabled && self.up
    }

    /// How many sockets have a membership of a device that there is.
    pub(super) fn memberships(&self) -> usize {
        match self.unregistered {
            true => 0,
            false => self.members.iter().filter(|&&member| member).count(),
        }
    }

    /// Has everything been done that was to be done?
    pub(super) fn is_quiet(&self) -> bool {
        let due = self.work.soon || (self.work.later && !self.no_memory);
        self.busy == 0 && !due && !self.rtnl
    }
}

impl Listed {
    /// How many hold it.
    pub(super) fn users(&self) -> Users {
        Users::from_raw(self.users)
    }
}

impl World for Kernel {
    type Fault = Fault;

    fn fault(&self) -> Option<Fault> {
        self.first_fault.or_else(|| fault::meanwhile(self))
    }

    fn fault_at_rest(&self) -> Option<Fault> {
        fault::of_quiet(self)
    }
}
