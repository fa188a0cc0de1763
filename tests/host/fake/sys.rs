// SPDX-License-Identifier: GPL-2.0

//! `src/sys`, as far as the rooms above it use it.

use crate::fake::{
    fault::Fault,
    world::{at_once, lacks, step, step_in, with, Flaw, World, GROUP},
};
use kernel::{prelude::*, stage};

/// A face that stands for the object of a number: one of a static row of them.
macro_rules! face {
    ($(#[$attribute:meta])* $name:ident, $count:literal) => {
        $(#[$attribute])*
        #[derive(Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name(pub(crate) u8);

        impl $name {
            /// That of number `number`.
            pub(crate) fn nth(number: usize) -> &'static Self {
                static ALL: [$name; $count] = {
                    let mut all = [const { $name(0) }; $count];
                    let mut number = 0;
                    while number < $count {
                        all[number as usize] = $name(number);
                        number += 1;
                    }
                    all
                };
                &ALL[number]
            }

            /// Its number.
            pub(crate) fn number(&self) -> usize {
                self.0.into()
            }
        }
    };
}
pub(crate) use face;

/// References to it are not counted.
macro_rules! kept {
    ($name:ident) => {
        // SAFETY: It is static.
        unsafe impl kernel::sync::aref::AlwaysRefCounted for $name {
            fn inc_ref(&self) {}

            unsafe fn dec_ref(_: core::ptr::NonNull<Self>) {}
        }
    };
}

pub(crate) mod inet6_dev {
    use super::{inet6_ifaddr::IfAddr, net_device::NetDevice, rtnl::Rtnl, *};
    use crate::decide::addr::solicited_node;
    use core::net::Ipv6Addr;
    use kernel::sync::rcu;

    face! {
        /// `struct inet6_dev`
        Inet6Dev, 2
    }
    kept!(Inet6Dev);

    impl Inet6Dev {
        pub(crate) fn device(&self) -> &NetDevice {
            NetDevice::nth(0)
        }

        pub(crate) fn carries(&self) -> bool {
            let look = |world: &mut World| world.carries(self.number());
            step_in(|scope| scope.device, "looks at the device", look)
        }

        pub(crate) fn addresses<'r>(
            &'r self,
            _rcu: &'r rcu::Guard,
        ) -> impl Iterator<Item = &'r IfAddr> {
            at_once("looks for addresses", |world| world.unicast)
                .map(|_| IfAddr::nth(0))
                .into_iter()
        }

        /// No subnet-router anycast is in these worlds.
        pub(crate) fn needing(&self, _addr: &Ipv6Addr) -> u32 {
            0
        }

        pub(crate) fn restore_route(&self, _addr: &Ipv6Addr, _rtnl: &Rtnl) {
            if lacks(Flaw::NotServed) {
                return;
            }
            let serve = |world: &mut World| {
                if let Some(route) = world
                    .unicast
                    .filter(|_| world.routes_unicast && world.in_table.is_none())
                {
                    world.insert(route);
                }
            };
            step("gives the address its route", serve);
        }

        pub(crate) fn join_solicited_node(&self, _addr: &Ipv6Addr) -> Result<bool> {
            // By way of the device, which may have other IPv6 by now.
            let join = |world: &mut World| {
                let idev = world.ipv6.map(|idev| &mut world.idevs[idev]);
                let idev = idev.filter(|idev| !idev.dead)?;
                idev.solicited += 1;
                Some(())
            };
            step("joins the solicited-node group", join).ok_or(ENODEV)?;
            Ok(true)
        }

        pub(crate) fn leave_solicited_node(&self, _addr: &Ipv6Addr) {
            let leave = |world: &mut World| {
                let idev = &mut world.idevs[self.number()];
                idev.solicited = idev.solicited.saturating_sub(1);
            };
            step("leaves the solicited-node group", leave);
        }

        pub(crate) fn multicast_users<'r>(
            &'r self,
            _rcu: &'r rcu::Guard,
        ) -> impl Iterator<Item = (Ipv6Addr, u32)> + 'r {
            let solicited = |world: &mut World| world.idevs[self.number()].solicited;
            let users = at_once("counts multicast users", solicited).into();
            std::iter::once((solicited_node(&GROUP), users))
        }
    }
}

pub(crate) mod inet6_ifaddr {
    use super::*;
    use crate::decide::unicast::Unicast;

    face! {
        /// `struct inet6_ifaddr`: the group's address
        IfAddr, 1
    }

    impl IfAddr {
        pub(crate) fn get(&self) -> Unicast {
            Unicast {
                addr: GROUP,
                prefix_len: 64,
                tentative: false,
                gone: false,
            }
        }
    }
}

pub(crate) mod net_device {
    use super::{inet6_dev::Inet6Dev, net::Net, *};
    use crate::takeover::TRANSITION;
    use core::net::Ipv6Addr;
    use kernel::{
        fmt,
        sync::{aref::ARef, rcu},
    };

    pub(crate) struct Name(());

    impl Name {
        pub(crate) fn as_bytes(&self) -> &[u8] {
            b"device"
        }
    }

    impl fmt::Display for Name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("device")
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) struct Identity(usize);

    impl Identity {
        pub(crate) const FIRST: Self = Self(0);

        pub(crate) fn next(self) -> Self {
            Self(self.0 + 1)
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Domain(());

    face! {
        /// `struct net_device`
        NetDevice, 1
    }
    kept!(NetDevice);

    impl NetDevice {
        pub(crate) fn identity(&self) -> Identity {
            Identity(self.number() + 1)
        }

        pub(crate) fn ifindex(&self) -> i32 {
            1
        }

        pub(crate) fn name(&self) -> Name {
            Name(())
        }

        pub(crate) fn net(&self) -> &Net {
            Net::nth(0)
        }

        pub(crate) fn domain(&self) -> Domain {
            Domain(())
        }

        pub(crate) fn solicits(&self) -> bool {
            true
        }

        pub(crate) fn local_table(&self) -> u32 {
            255
        }

        pub(crate) fn has_address(&self, _addr: &Ipv6Addr) -> bool {
            let look = |world: &mut World| world.unicast.is_some();
            if lacks(Flaw::ExpectedReadLate) {
                return EARLIER.get();
            }
            step_in(|scope| scope.addresses, "looks for the address", look)
        }

        pub(crate) fn ipv6(&self) -> Option<ARef<Inet6Dev>> {
            let blind = lacks(Flaw::DormantForgotten) && stage::turn() == TRANSITION;
            let find = |world: &mut World| world.ipv6.filter(|_| !blind);
            let idev = step_in(|scope| scope.device, "finds the IPv6 of the device", find)?;
            Some(Inet6Dev::nth(idev).into())
        }

        pub(crate) fn ipv6_rcu<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r Inet6Dev> {
            let idev = at_once("finds the IPv6 of the device", |world| world.ipv6)?;
            Some(Inet6Dev::nth(idev))
        }
    }

    thread_local! {
        /// What [`look_early()`] has seen, for [`Flaw::ExpectedReadLate`].
        static EARLIER: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }

    /// Looks for the address, and lets the next [`NetDevice::has_address()`] say what it was.
    pub(crate) fn look_early() {
        let early = step("looks for the address", |world| world.unicast.is_some());
        EARLIER.set(early);
    }
}

pub(crate) mod net {
    use super::{
        alarm::Alarm, handover::Handovers, pernet::Room, reconciler::Reconciler,
        settings::Settings, stats::Stats, *,
    };

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) struct Identity(usize);

    face! {
        /// `struct net`
        Net, 1
    }

    pub(crate) fn may_log() -> bool {
        true
    }

    impl Net {
        pub(crate) fn identity(&self) -> Identity {
            Identity(self.number())
        }

        pub(crate) fn admin_capable(&self) -> bool {
            with(|world| world.privileged)
        }

        pub(crate) fn stats(&self) -> &Stats {
            &Stats
        }

        pub(crate) fn settings(&self) -> &Settings {
            &Settings
        }

        pub(crate) fn reconciler(&self) -> &Reconciler {
            &Reconciler
        }

        pub(crate) fn handovers(&self) -> &Handovers {
            &Handovers
        }

        pub(crate) fn alarm(&self) -> &Alarm {
            &Alarm
        }

        pub(crate) fn has_groups(&self) -> bool {
            at_once("looks for groups", |world| world.counted > 0)
        }

        pub(crate) fn room(&self) -> Room {
            Room::new()
        }

        pub(crate) fn room_if_free(&self) -> Result<Room> {
            Ok(Room::new())
        }
    }
}

pub(crate) mod handover {
    use super::net_device::NetDevice;
    use crate::decide::handover::LinkAddr;
    use core::net::Ipv6Addr;

    /// Nobody else is on the link.
    pub(crate) struct Handovers;

    impl Handovers {
        pub(crate) fn publish(&self, _device: &NetDevice, _group: &Ipv6Addr) {}

        pub(crate) fn withdraw(&self, _device: &NetDevice, _group: &Ipv6Addr, _to_others: bool) {}

        pub(crate) fn drain(&self, _device: &NetDevice, _group: &Ipv6Addr) {}

        pub(crate) fn going_down(&self, _device: &NetDevice) {}

        pub(crate) fn forget(&self, _device: &NetDevice) {}

        pub(crate) fn peer(&self, _device: &NetDevice, _group: &Ipv6Addr) -> Option<LinkAddr> {
            None
        }
    }
}

pub(crate) mod clock {
    use super::*;

    /// It goes on when the world says so.
    pub(crate) fn now() -> u64 {
        with(|world| world.now)
    }
}

pub(crate) mod alarm {
    /// It rings when the world says so.
    pub(crate) struct Alarm;

    impl Alarm {
        pub(crate) fn soon(&self) {}

        pub(crate) fn after(&self, _msecs: u64) {}
    }
}

pub(crate) mod genl {
    use super::{net::Net, *};
    use crate::decide::lifecycle::Condition;

    #[derive(PartialEq, Eq)]
    pub(crate) enum Command {
        GroupNtf,
        GroupDelNtf,
    }

    #[derive(PartialEq, Eq)]
    pub(crate) enum GroupAttribute {
        Ifindex,
        Device,
        Address,
        State,
        Since,
        Holders,
        Peer,
        Drain,
        Lease,
    }

    /// A message, of which the state is read.
    pub(crate) struct Message(Option<u32>);

    impl Message {
        pub(crate) fn put(&mut self, _attribute: GroupAttribute, _bytes: &[u8]) -> Result {
            Ok(())
        }

        pub(crate) fn put_u32(&mut self, attribute: GroupAttribute, value: u32) -> Result {
            if attribute == GroupAttribute::State {
                self.0 = Some(value);
            }
            Ok(())
        }

        pub(crate) fn put_uint(&mut self, _attribute: GroupAttribute, _value: u64) -> Result {
            Ok(())
        }

        pub(crate) fn put_text(&mut self, _attribute: GroupAttribute, _text: &[u8]) -> Result {
            Ok(())
        }
    }

    pub(crate) fn state(condition: Condition) -> u32 {
        condition as u32
    }

    /// The world is who listens.
    pub(crate) fn tell(_net: &Net, command: Command, fill: impl FnOnce(&mut Message) -> Result) {
        let mut message = Message(None);
        if fill(&mut message).is_ok() {
            let state = message.0.filter(|_| command == Command::GroupNtf);
            with(|world| world.state = state);
        }
    }
}

mod stats {
    use super::*;
    use crate::decide::counter::Counter;

    /// Counters that nobody reads, but for one.
    pub(crate) struct Stats;

    impl Stats {
        pub(crate) fn count(&self, counter: Counter) {
            self.add(counter, 1);
        }

        pub(crate) fn add(&self, counter: Counter, more: u64) {
            if counter == Counter::Lost && more > 0 {
                at_once("counts what was lost", |_| ());
            }
        }
    }
}

pub(crate) mod once {
    use std::marker::PhantomData;

    /// The right to begin a `T`; in a test many worlds begin.
    pub(crate) struct Once<T>(PhantomData<fn() -> T>);

    impl<T> Once<T> {
        pub(crate) const fn new() -> Self {
            Self(PhantomData)
        }
    }
}

pub(crate) mod pernet {
    use super::*;

    pub(crate) struct AllNets(());

    /// Room for a group of the namespace.
    #[derive(Hash)]
    pub(crate) struct Room(());

    impl Room {
        pub(super) fn new() -> Self {
            with(|world| world.counted += 1);
            Self(())
        }
    }

    impl Drop for Room {
        fn drop(&mut self) {
            with(|world| world.counted -= 1);
        }
    }
}

pub(crate) mod objects {
    pub(crate) const INTERFACES: usize = 1;
    pub(crate) const GROUPS: usize = 2;
    pub(crate) const MEMBERS: usize = 3;

    #[derive(Hash)]
    pub(crate) struct Counted<const KIND: usize>(());

    impl<const KIND: usize> Counted<KIND> {
        pub(crate) fn new() -> Self {
            Self(())
        }
    }
}

pub(crate) mod rtnl {
    use super::*;
    use std::{ops::Deref, task::Poll};

    pub(crate) struct Rtnl(());

    impl Rtnl {
        pub(crate) fn lock() -> RtnlGuard {
            stage::act("takes RTNL", || {
                with(|world| match world.rtnl {
                    true => Poll::Pending,
                    false => {
                        world.rtnl = true;
                        Poll::Ready(())
                    }
                })
            });
            RtnlGuard(Rtnl(()))
        }

        /// As the kernel holds it, which calls.
        pub(crate) fn held() -> &'static Self {
            &Rtnl(())
        }
    }

    pub(crate) struct RtnlGuard(Rtnl);

    impl Deref for RtnlGuard {
        type Target = Rtnl;

        fn deref(&self) -> &Rtnl {
            &self.0
        }
    }

    impl Drop for RtnlGuard {
        fn drop(&mut self) {
            with(|world| world.rtnl = false);
        }
    }
}

pub(crate) mod memory {
    use kernel::alloc::Flags;

    pub(crate) const CHARGED_OR_NONE: Flags = Flags(2);
    pub(crate) const CHARGED: Flags = Flags(3);
    pub(crate) const UNCHARGED: Flags = Flags(1);
}

pub(crate) mod module_name {
    use kernel::fmt;

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) struct ModuleName(u8);

    impl ModuleName {
        pub(crate) const FIRST: Self = Self(0);
        pub(crate) const VMLINUX: Self = Self(1);
    }

    impl fmt::Display for ModuleName {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }
}

pub(crate) mod pid {
    use kernel::sync::aref::ARef;

    face! {
        /// `struct pid`
        Pid, 1
    }
    kept!(Pid);

    impl Pid {
        pub(crate) fn current() -> ARef<Self> {
            Self::nth(0).into()
        }
    }
}

pub(crate) mod sock {
    use super::net::Net;

    face! {
        /// `struct sock`
        Sock, 3
    }

    impl Sock {
        pub(crate) fn cookie(&self) -> u64 {
            self.0.into()
        }

        pub(crate) fn is_tcp(&self) -> bool {
            true
        }

        pub(crate) fn net(&self) -> &Net {
            Net::nth(0)
        }
    }
}

pub(crate) mod user {
    /// A user whose memberships are counted. There is none: that is under a lock of its own.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) struct User(());

    impl User {
        pub(crate) fn accountable() -> Option<Self> {
            None
        }
    }
}

pub(crate) mod settings {
    use super::*;

    /// The settings of the namespace.
    pub(crate) struct Settings;

    impl Settings {
        pub(crate) fn subnet_router(&self) -> bool {
            true
        }

        pub(crate) fn export_table(&self) -> u32 {
            let look = |world: &mut World| world.export_table;
            step_in(|scope| scope.export, "looks at the export table", look)
        }
    }

    pub(crate) fn max_user_memberships() -> u32 {
        u32::MAX
    }
}

pub(crate) mod livepatch {
    /// `struct klp_patch`
    pub(crate) struct Livepatch;

    impl Livepatch {
        pub(crate) fn is_enabled(&self) -> bool {
            true
        }
    }
}

pub(crate) mod work {
    use super::*;

    pub(crate) struct Queue;

    pub(crate) struct Queueing;

    /// `registry::CLOSING`: what closes the side tables when somebody else is at work.
    pub(crate) struct Work(());

    impl Work {
        pub(crate) const fn new(_queue: &'static Queue, _run: fn(&Work)) -> Self {
            Self(())
        }

        /// Nobody is.
        pub(crate) fn soon(&self) {
            with(|world| world.blame(Fault::Disowned));
        }
    }
}

pub(crate) mod reconciler {
    use super::{
        once::Once,
        work::{Queue, Queueing},
        *,
    };
    use crate::{decide::pass::Pass, sys::net_device};
    use std::ops::{Deref, DerefMut};

    pub(crate) static QUEUE: Queue = Queue;

    pub(crate) fn queue(_once: Once<Queueing>) -> Result<Queueing> {
        Ok(Queueing)
    }

    pub(crate) type Passing = Option<Pass<net_device::Identity>>;

    /// The namespace's part in reconciliation.
    pub(crate) struct Reconciler;

    impl Reconciler {
        pub(crate) fn soon(&self) {
            // RTNL keeps the worker from reading the number of events meanwhile.
            let under_rtnl = with(|world| world.rtnl);
            stage::step_unless(under_rtnl, "counts the event", || {
                with(|world| world.events += 1)
            });
            step("asks for work", |world| world.work.soon |= world.heard);
        }

        pub(crate) fn retry(&self) {
            step("asks for another try", |world| world.again = true);
            at_once("asks for work", |world| world.work.later = !world.work.soon);
        }

        pub(crate) fn go_on(&self) {
            if lacks(Flaw::EventsReadLate) {
                let read = |world: &mut World| world.events_late = Some(world.events);
                step("reads the events", read);
            }
            at_once("goes on", |world| {
                world.work = crate::fake::world::Work {
                    soon: true,
                    later: false,
                }
            });
        }

        pub(crate) fn events(&self) -> u64 {
            let late = lacks(Flaw::EventsReadLate);
            step("reads the events", |world| {
                match (late, world.events_late) {
                    (false, _) => world.events,
                    // At the beginning of a pass, and at its end.
                    (true, None) => 0,
                    (true, Some(late)) => world.events - late,
                }
            })
        }

        pub(crate) fn take_again(&self) -> bool {
            let take = |world: &mut World| {
                world.events_late = None;
                std::mem::take(&mut world.again)
            };
            step("has somebody asked for another try?", take)
        }

        /// Nobody else asks for it.
        pub(crate) fn pass(&self) -> PassGuard {
            PassGuard(at_once("goes on with the pass", |world| world.pass.take()))
        }
    }

    pub(crate) struct PassGuard(Passing);

    impl Deref for PassGuard {
        type Target = Passing;

        fn deref(&self) -> &Passing {
            &self.0
        }
    }

    impl DerefMut for PassGuard {
        fn deref_mut(&mut self) -> &mut Passing {
            &mut self.0
        }
    }

    impl Drop for PassGuard {
        fn drop(&mut self) {
            with(|world| world.pass = self.0.take());
        }
    }
}

pub(crate) mod route {
    use super::{inet6_dev::Inet6Dev, net::Net, net_device::NetDevice, *};
    use core::{net::Ipv6Addr, ptr::NonNull};
    use kernel::{
        alloc::Flags,
        sync::{
            aref::{ARef, AlwaysRefCounted},
            rcu,
        },
    };

    face! {
        /// `struct fib6_info`
        Route, 12
    }

    // SAFETY: It is static; what it stands for is counted.
    unsafe impl AlwaysRefCounted for Route {
        fn inc_ref(&self) {
            with(|world| world.routes[self.number()].references += 1);
        }

        unsafe fn dec_ref(route: NonNull<Self>) {
            // SAFETY: It is static.
            let route = unsafe { route.as_ref() };
            with(|world| world.put_route(route.number()));
        }
    }

    impl Route {
        /// Takes over a reference.
        pub(crate) fn own(number: usize) -> ARef<Self> {
            // SAFETY: The caller has it.
            unsafe { ARef::from_raw(Self::nth(number).into()) }
        }

        pub(crate) fn new_anycast(
            _idev: &Inet6Dev,
            _addr: &Ipv6Addr,
            _flags: Flags,
        ) -> Result<ARef<Self>> {
            let make = |world: &mut World| (!world.no_memory).then(|| world.new_route());
            let route = step_in(|scope| scope.memory, "makes a route", make);
            route.map(Self::own).ok_or(ENOMEM)
        }

        pub(crate) fn new_blackhole(
            _net: &Net,
            table: u32,
            _addr: &Ipv6Addr,
            _protocol: u8,
            _metric: u32,
            _flags: Flags,
        ) -> Result<ARef<Self>> {
            let make = |world: &mut World| (!world.no_memory).then(|| world.new_export(table));
            let route = step_in(|scope| scope.memory, "makes a blackhole", make);
            route.map(Self::own).ok_or(ENOMEM)
        }

        pub(crate) fn insert(&self, _net: &Net) -> Result {
            let insert = |world: &mut World| world.insert(self.number());
            match step("inserts the route", insert) {
                true => Ok(()),
                false => Err(EEXIST),
            }
        }

        pub(crate) fn delete(this: ARef<Self>, _net: &Net) -> Result {
            let route = this.number();
            // The call gives the reference back.
            ARef::into_raw(this);
            match step("deletes the route", |world| world.delete(route)) {
                true => Ok(()),
                false => Err(ENOENT),
            }
        }

        pub(crate) fn is_in_table(&self) -> bool {
            let look = |world: &mut World| world.is_in_table(self.number());
            step("looks for the route", look)
        }

        pub(crate) fn table(&self) -> u32 {
            match with(|world| world.routes[self.number()].export) {
                0 => 255,
                export => export,
            }
        }

        pub(crate) fn metric(&self) -> u32 {
            crate::decide::export::metric(1)
        }

        pub(crate) fn single_address(&self) -> Option<Ipv6Addr> {
            Some(GROUP)
        }

        pub(crate) fn own_device<'r>(&self, rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
            self.device(rcu)
        }

        pub(crate) fn device<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
            Some(NetDevice::nth(0))
        }
    }
}

pub(crate) mod trace {
    use super::net_device::NetDevice;
    use crate::decide::users::Users;
    use core::net::Ipv6Addr;

    #[derive(Clone, Copy, Debug)]
    pub(crate) enum GroupEvent {
        Join,
        Leave,
        Publish,
        Withdraw,
        Dormant,
    }

    pub(crate) fn group(_: GroupEvent, _: &NetDevice, _: &Ipv6Addr, _: Option<Users>) {}

    pub(crate) fn refuse(_ifindex: i32, _addr: &Ipv6Addr, _err: i32) {}
}

pub(crate) mod notifiers {
    use super::{inet6_dev::Inet6Dev, net_device::NetDevice, rtnl::Rtnl, *};
    use core::net::Ipv6Addr;
    use std::cell::Cell;

    pub(crate) trait DeviceListener {
        fn changed(device: &NetDevice, rtnl: &Rtnl);
        fn going_down(device: &NetDevice, rtnl: &Rtnl);
        fn gone(device: &NetDevice);
    }

    pub(crate) trait AddressListener {
        fn changed(device: &NetDevice, addr: &Ipv6Addr);
        fn wanted(idev: &Inet6Dev, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result;
    }

    /// Whom the kernel calls.
    #[derive(Clone, Copy)]
    pub(crate) struct Listeners {
        pub(crate) device_changed: fn(&NetDevice, &Rtnl),
        pub(crate) device_going_down: fn(&NetDevice, &Rtnl),
        pub(crate) device_gone: fn(&NetDevice),
        pub(crate) address_changed: fn(&NetDevice, &Ipv6Addr),
        pub(crate) address_wanted: fn(&Inet6Dev, &Ipv6Addr, &Rtnl) -> Result,
    }

    const NOBODY: Listeners = Listeners {
        device_changed: |_, _| (),
        device_going_down: |_, _| (),
        device_gone: |_| (),
        address_changed: |_, _| (),
        address_wanted: |_, _, _| Ok(()),
    };

    thread_local! {
        static LISTENERS: Cell<Listeners> = const { Cell::new(NOBODY) };
    }

    /// Whom the kernel calls.
    pub(crate) fn listeners() -> Listeners {
        LISTENERS.get()
    }

    /// Nobody.
    pub(crate) fn begin() {
        LISTENERS.set(NOBODY);
    }

    pub(crate) struct Notifier(fn(&mut Listeners));

    impl Notifier {
        pub(crate) const fn devices<L: DeviceListener>() -> Self {
            Self(|listeners| {
                listeners.device_changed = L::changed;
                listeners.device_going_down = L::going_down;
                listeners.device_gone = L::gone;
            })
        }

        pub(crate) const fn addresses<L: AddressListener>() -> Self {
            Self(|listeners| listeners.address_changed = L::changed)
        }

        pub(crate) const fn wanted_addresses<L: AddressListener>() -> Self {
            Self(|listeners| listeners.address_wanted = L::wanted)
        }
    }

    pub(crate) struct Registered(());

    impl Registered {
        pub(crate) fn new(notifier: &'static Notifier) -> Result<Self> {
            let mut listeners = LISTENERS.get();
            notifier.0(&mut listeners);
            LISTENERS.set(listeners);
            Ok(Self(()))
        }
    }
}
