// SPDX-License-Identifier: GPL-2.0

//! The kernel's objects, as far as one group of one device is concerned, and what can be done to them at
//! once.
//!
//! The faces of `src/sys` and `src/store` are numbers here, and what they stand for is in the [`World`].

use super::fault::Fault;
use crate::{decide::pass::Pass, sys::net_device};
use core::net::Ipv6Addr;
use kernel::{stage, sync::rcu};
use std::cell::RefCell;

/// The group.
pub(crate) const GROUP: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// Number of a `struct inet6_dev` of the device, in the order of their coming.
pub(crate) type IdevNumber = usize;
/// Number of a route, of a `struct ifacaddr6`: the lowest that is free when it is made.
pub(crate) type Number = usize;

/// Everything.
#[derive(Clone, Debug, Hash)]
pub(crate) struct World {
    pub(crate) rtnl: bool,
    /// The group's address as a unicast address of the device, with its route.
    pub(crate) unicast: Option<Number>,
    /// Its route has been put into the table, or should have been.
    pub(crate) routes_unicast: bool,
    /// It has been added after the module had agreed.
    pub(crate) agreed: bool,
    /// Whoever joins has the privilege to keep it away.
    pub(crate) privileged: bool,
    /// The device is up.
    pub(crate) up: bool,
    /// `dev->ip6_ptr`
    pub(crate) ipv6: Option<IdevNumber>,
    /// All that there have been.
    pub(crate) idevs: [Idev; 2],
    pub(crate) idevs_made: usize,
    /// Somebody has the lock of the list, under which nothing sleeps.
    pub(crate) list_locked: bool,
    pub(crate) groups: [Group; 12],
    pub(crate) routes: [Route; 12],
    /// The route of the group's address that is in its table.
    pub(crate) in_table: Option<Number>,
    /// `net.ipv6.anycast6.export_table`
    pub(crate) export_table: u32,
    /// The route by which the group is exported.
    pub(crate) exported: Option<Number>,
    pub(crate) entries: [Entry; 4],
    /// `src/store/index.rs`: are all groups in it?
    pub(crate) complete: bool,
    /// `RTM_NEWANYCAST` less `RTM_DELANYCAST`
    pub(crate) told: i8,
    /// The state of the group in the module's own notifications; [`None`] without one.
    pub(crate) state: Option<u32>,
    /// Somebody has asked the module not to serve the group.
    pub(crate) asked: bool,
    /// Milliseconds.
    pub(crate) now: u64,
    /// The module hears of routes and addresses.
    pub(crate) heard: bool,
    /// Groups that the namespace counts.
    pub(crate) counted: u32,
    pub(crate) events: u64,
    /// What they were when the worker went on, for [`Flaw::EventsReadLate`].
    pub(crate) events_late: Option<u64>,
    pub(crate) work: Work,
    /// Somebody has asked for another try.
    pub(crate) again: bool,
    pub(crate) pass: Option<Pass<net_device::Identity>>,
    /// Allocations fail.
    pub(crate) no_memory: bool,
    /// Which sockets have a membership.
    pub(crate) members: [bool; 3],
    /// The device has been unregistered.
    pub(crate) unregistered: bool,
    /// Sockets, events and the like that still have something to do.
    pub(crate) busy: u8,
    pub(crate) first_fault: Option<Fault>,
    pub(crate) flaw: Option<Flaw>,
    pub(crate) scope: Scope,
}

/// What may change in a scenario. A look at the rest is no action of its own: nothing can come before it.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Scope {
    /// Whether the device can carry groups.
    pub(crate) device: bool,
    /// Unicast addresses.
    pub(crate) addresses: bool,
    /// Whether there is memory.
    pub(crate) memory: bool,
    /// Who is in the place of C.
    pub(crate) transition: bool,
    /// Whether and where groups are exported.
    pub(crate) export: bool,
}

/// What is left out, to see what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Flaw {
    /// The publish lock keeps nobody out.
    NoPublishLock,
    /// The lock of the side tables keeps nobody out.
    NoTablesLock,
    /// A join does not look whether the address is about to be added.
    NotExpected,
    /// It looks whether it is there before it looks whether it is about to be added.
    ExpectedReadLate,
    /// Who agrees to an address does so without the publish lock.
    AgreesUnlocked,
    /// Nobody gives the address the route that the group's has kept away.
    NotServed,
    /// The events that have been answered are counted after the answer, not before.
    EventsReadLate,
    /// Dormant groups are not listed when they are handed back.
    DormantForgotten,
    /// The index is said to be complete before groups are entered.
    CompleteEarly,
    /// The index is emptied as soon as it is said to be incomplete, while some still rely on it.
    ReliedOn,
    /// The index is emptied before it is said to be incomplete.
    BuriedEarly,
    /// Who finds a device closed does not look again.
    NoSecondLook,
    /// A device stays open after it has left the tables.
    LeftOpen,
    /// Nobody looks at the timetable when a time has come.
    Unalarmed,
    /// Nobody tells the reconciler that the table for exports has changed.
    TableUnheard,
}

/// `struct inet6_dev`
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Idev {
    pub(crate) dead: bool,
    pub(crate) disabled: bool,
    /// The group on `ac_list`, and in the hash.
    pub(crate) listed: Option<Number>,
    /// Holds of the solicited-node multicast group.
    pub(crate) solicited: u8,
}

/// `struct ifacaddr6`
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Group {
    pub(crate) references: u8,
    /// The last reference is gone, and somebody may still look.
    pub(crate) dying: bool,
    pub(crate) users: i32,
    pub(crate) route: Number,
}

/// `struct fib6_info`
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Route {
    pub(crate) references: u8,
    /// It has been in the table, and left it.
    pub(crate) spent: bool,
    /// The table that it is an export to; 0: it is none.
    pub(crate) export: u32,
}

/// An entry of the index.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Entry {
    pub(crate) used: bool,
    pub(crate) slot: usize,
    pub(crate) listed: Option<Number>,
    pub(crate) adopted: bool,
    pub(crate) exported: bool,
}

/// Work that has been put off.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Work {
    pub(crate) soon: bool,
    /// To be tried again when there is memory.
    pub(crate) later: bool,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

/// Does something with the world, at once, that nobody learns anything by.
pub(crate) fn with<T>(action: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with(|world| action(&mut world.borrow_mut()))
}

/// The actor does `action`, for which nobody has to wait.
pub(crate) fn step<T: std::hash::Hash>(
    what: &'static str,
    action: impl FnOnce(&mut World) -> T,
) -> T {
    with(|world| {
        if world.list_locked {
            world.blame(Fault::Sleeps);
        }
    });
    stage::step(what, || with(action))
}

/// The actor goes on to `action` before anybody can come.
pub(crate) fn at_once<T: std::hash::Hash>(
    what: &'static str,
    action: impl FnOnce(&mut World) -> T,
) -> T {
    stage::at_once(what, || with(action))
}

/// [`step()`] in a scenario of that scope, else [`at_once()`].
pub(crate) fn step_in<T: std::hash::Hash>(
    scope: fn(&Scope) -> bool,
    what: &'static str,
    action: impl FnOnce(&mut World) -> T,
) -> T {
    let alone = with(|world| !scope(&world.scope));
    stage::step_unless(alone, what, || with(action))
}

/// Is this left out?
pub(crate) fn lacks(flaw: Flaw) -> bool {
    with(|world| world.flaw == Some(flaw))
}

impl World {
    /// A device that is up and has no groups.
    pub(crate) fn new() -> Self {
        Self {
            rtnl: false,
            unicast: None,
            routes_unicast: false,
            agreed: false,
            privileged: true,
            up: true,
            ipv6: Some(0),
            idevs: Default::default(),
            idevs_made: 1,
            list_locked: false,
            groups: Default::default(),
            routes: Default::default(),
            in_table: None,
            export_table: 0,
            exported: None,
            entries: Default::default(),
            complete: false,
            told: 0,
            state: None,
            asked: false,
            now: 0,
            heard: false,
            counted: 0,
            events: 0,
            events_late: None,
            work: Work::default(),
            again: false,
            pass: None,
            no_memory: false,
            members: [false; 3],
            unregistered: false,
            busy: 0,
            first_fault: None,
            flaw: None,
            scope: Scope::default(),
        }
    }

    /// The same, for programs without privilege.
    pub(crate) fn unprivileged() -> Self {
        Self {
            privileged: false,
            ..Self::new()
        }
    }

    /// Is the world from now on.
    pub(crate) fn begin(&self) {
        WORLD.set(self.clone());
        rcu::set_after(|| with(World::free_dying));
    }

    /// Notes the first thing that went wrong.
    pub(crate) fn blame(&mut self, fault: Fault) {
        self.first_fault.get_or_insert(fault);
    }

    /// A blackhole of that table.
    pub(crate) fn new_export(&mut self, table: u32) -> Number {
        let route = self.new_route();
        self.routes[route].export = table;
        route
    }

    /// `addrconf_f6i_alloc()`
    pub(crate) fn new_route(&mut self) -> Number {
        let mut free = self.routes.iter();
        let route = free.position(|route| route.references == 0);
        let route = route.expect("few routes");
        self.routes[route] = Route {
            references: 1,
            ..Route::default()
        };
        route
    }

    pub(crate) fn put_route(&mut self, route: Number) {
        match self.routes[route].references.checked_sub(1) {
            Some(0) => self.routes[route] = Route::default(),
            Some(left) => self.routes[route].references = left,
            None => self.blame(Fault::References),
        }
    }

    pub(crate) fn new_group(&mut self, route: Number) -> Number {
        let mut free = self.groups.iter();
        let group = free.position(|group| group.references == 0 && !group.dying);
        let group = group.expect("few groups");
        self.groups[group] = Group {
            references: 1,
            dying: false,
            users: 1,
            route,
        };
        group
    }

    /// A group that somebody has a reference to, or found in an RCU read section.
    pub(crate) fn group(&mut self, group: Number) -> &mut Group {
        let found = self.groups[group];
        if found.references == 0 && !found.dying {
            self.blame(Fault::References);
        }
        &mut self.groups[group]
    }

    pub(crate) fn put_group(&mut self, group: Number) {
        match self.groups[group].references.checked_sub(1) {
            Some(0) => {
                self.groups[group].references = 0;
                self.groups[group].dying = true;
                if rcu::readers() == 0 {
                    self.free_dying();
                }
            }
            Some(left) => self.groups[group].references = left,
            None => self.blame(Fault::References),
        }
    }

    /// Nobody looks any more.
    fn free_dying(&mut self) {
        for group in 0..self.groups.len() {
            if self.groups[group].dying {
                self.put_route(self.groups[group].route);
                self.groups[group] = Group::default();
            }
        }
    }

    /// `ip6_ins_rt()`. Says whether there was none before.
    pub(crate) fn insert(&mut self, route: Number) -> bool {
        if self.routes[route].spent {
            self.blame(Fault::SpentRoute);
        }
        let place = self.place(route);
        let free = place.is_none();
        if free {
            *place = Some(route);
            self.routes[route].references += 1;
        }
        free
    }

    /// What is in the table of the route, at its address and metric.
    fn place(&mut self, route: Number) -> &mut Option<Number> {
        match self.routes[route].export {
            0 => &mut self.in_table,
            _ => &mut self.exported,
        }
    }

    /// Is the route in its table?
    pub(crate) fn is_in_table(&mut self, route: Number) -> bool {
        *self.place(route) == Some(route)
    }

    /// `ip6_del_rt()`. A route that is not in the table stays away. Gives a reference back.
    pub(crate) fn delete(&mut self, route: Number) -> bool {
        let was_there = self.is_in_table(route);
        if was_there {
            let left = self.place(route).take();
            self.spend(left);
        }
        self.put_route(route);
        was_there
    }

    /// Empties the table.
    pub(crate) fn flush(&mut self) {
        let left = self.in_table.take();
        self.spend(left);
    }

    /// Empties the table of exports. Says what was there.
    pub(crate) fn flush_exports(&mut self) -> Option<Number> {
        let left = self.exported.take();
        self.spend(left);
        left
    }

    fn spend(&mut self, left: Option<Number>) {
        if let Some(route) = left {
            self.routes[route].spent = true;
            self.put_route(route);
        }
    }

    /// Had the socket a membership? It has none now.
    pub(crate) fn forget(&mut self, socket: usize) -> bool {
        std::mem::take(&mut self.members[socket])
    }

    /// Can the host answer for groups on `idev`?
    pub(crate) fn carries(&self, idev: IdevNumber) -> bool {
        let idev = &self.idevs[idev];
        !idev.dead && !idev.disabled && self.up
    }

    /// How many sockets have a membership of a device that there is.
    pub(crate) fn memberships(&self) -> usize {
        match self.unregistered {
            true => 0,
            false => self.members.iter().filter(|&&member| member).count(),
        }
    }

    /// Has everything been done that was to be done?
    pub(crate) fn is_quiet(&self) -> bool {
        self.busy == 0 && !self.is_due() && !self.rtnl
    }

    /// Is there something to do for the worker?
    pub(crate) fn is_due(&self) -> bool {
        self.work.soon || (self.work.later && !self.no_memory)
    }
}
