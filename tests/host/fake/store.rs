// SPDX-License-Identifier: GPL-2.0

//! `src/store`, as far as the rooms above it use it.

use crate::{
    fake::world::{at_once, lacks, step, with, Flaw, World, GROUP},
    sys::{face, inet6_dev::Inet6Dev, net::Net, net_device::NetDevice, route::Route},
};
use core::{net::Ipv6Addr, ptr::NonNull};
use kernel::{
    alloc::Flags,
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        rcu,
    },
};

pub(crate) mod acaddr {
    use super::{list_lock::LockedGroups, *};
    use crate::decide::users::Users;

    face! {
        /// `struct ifacaddr6`
        Acaddr, 12
    }

    // SAFETY: It is static; what it stands for is counted.
    unsafe impl AlwaysRefCounted for Acaddr {
        fn inc_ref(&self) {
            with(|world| world.group(self.number()).references += 1);
        }

        unsafe fn dec_ref(group: NonNull<Self>) {
            // SAFETY: It is static.
            let group = unsafe { group.as_ref() };
            with(|world| world.put_group(group.number()));
        }
    }

    impl Acaddr {
        /// Takes over a reference.
        pub(super) fn own(number: usize) -> ARef<Self> {
            // SAFETY: The caller has it.
            unsafe { ARef::from_raw(Self::nth(number).into()) }
        }

        pub(crate) fn addr(&self) -> Ipv6Addr {
            GROUP
        }

        pub(crate) fn set_users(&self, users: Users, _groups: &LockedGroups<'_>) {
            with(|world| world.group(self.number()).users = users.as_raw());
        }

        pub(crate) fn users(&self) -> Users {
            let users = |world: &mut World| world.group(self.number()).users;
            Users::from_raw(at_once("reads the number of holders", users))
        }

        pub(crate) fn route(&self) -> &Route {
            let route = |world: &mut World| world.group(self.number()).route;
            Route::nth(at_once("finds the route of the group", route))
        }

        pub(crate) fn device<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
            Some(NetDevice::nth(0))
        }
    }

    /// A group that is on no device's list: not yet, or no more.
    #[derive(Hash)]
    pub(crate) struct Unlisted {
        group: ARef<Acaddr>,
        route: ARef<Route>,
        used: bool,
    }

    impl Unlisted {
        pub(crate) fn new(idev: &Inet6Dev, addr: &Ipv6Addr, flags: Flags) -> Result<Self> {
            let route = Route::new_anycast(idev, addr, flags)?;
            let lists = ARef::into_raw(route.clone());
            // SAFETY: It is static.
            let number = unsafe { lists.as_ref() }.number();
            let group = at_once("makes a group", |world| world.new_group(number));
            Ok(Self {
                group: Acaddr::own(group),
                route,
                used: false,
            })
        }

        pub(crate) fn refresh(&mut self, idev: &Inet6Dev) -> Result {
            if self.used {
                *self = Self::new(idev, &self.group.addr(), crate::sys::memory::UNCHARGED)?;
            }
            Ok(())
        }

        pub(crate) fn keep(&mut self) {}

        pub(crate) fn group(&self) -> &Acaddr {
            &self.group
        }

        pub(crate) fn route(&self) -> &ARef<Route> {
            &self.route
        }

        /// A group that has just left the list, with the references of that.
        pub(super) fn from_delisted(number: usize) -> Self {
            let group = Acaddr::own(number);
            Self {
                route: Route::own(group.route().number()),
                group,
                used: true,
            }
        }

        /// References for a list that the group is being put on.
        pub(super) fn for_list(&self) -> usize {
            ARef::into_raw(self.route.clone());
            ARef::into_raw(self.group.clone());
            self.group.number()
        }
    }

    impl Inet6Dev {
        pub(crate) fn groups<'r>(&self, _rcu: &'r rcu::Guard) -> impl Iterator<Item = &'r Acaddr> {
            let listed = |world: &mut World| world.idevs[self.number()].listed;
            let listed = at_once("looks at the list", listed);
            listed.map(Acaddr::nth).into_iter()
        }
    }
}

pub(crate) mod list_lock {
    use super::*;

    /// The list of a device under `idev->lock`. Nobody sleeps under it, so all that is done meanwhile is done
    /// at once.
    pub(crate) struct LockedGroups<'a>(pub(super) &'a Inet6Dev);

    impl Inet6Dev {
        pub(crate) fn lock_groups(&self) -> LockedGroups<'_> {
            step("takes the lock of the list", |_| ());
            with(|world| world.list_locked = true);
            LockedGroups(self)
        }
    }

    impl Drop for LockedGroups<'_> {
        fn drop(&mut self) {
            with(|world| world.list_locked = false);
        }
    }

    impl LockedGroups<'_> {
        pub(crate) fn is_dead(&self) -> bool {
            let dead = |world: &mut World| world.idevs[self.0.number()].dead;
            at_once("is IPv6 dead?", dead)
        }
    }
}

mod ac_list {
    use super::{
        acaddr::{Acaddr, Unlisted},
        list_lock::LockedGroups,
        *,
    };
    use crate::decide::users::{self, Entry, Users};

    impl<'a> LockedGroups<'a> {
        pub(crate) fn entry(
            &mut self,
            _addr: &Ipv6Addr,
        ) -> Entry<Occupied<'_, 'a>, Vacant<'_, 'a>> {
            match self.listed() {
                Some(_) => Entry::Occupied(Occupied(self)),
                None => Entry::Vacant(Vacant(self)),
            }
        }

        fn listed(&self) -> Option<usize> {
            let listed = |world: &mut World| world.idevs[self.0.number()].listed;
            at_once("looks at the list", listed)
        }

        /// The list, and the index if that is complete.
        fn set_listed(&mut self, what: &'static str, listed: Option<usize>) -> Option<usize> {
            at_once(what, |world| {
                let old = std::mem::replace(&mut world.idevs[self.0.number()].listed, listed);
                if world.complete {
                    index::note(world, listed);
                }
                old
            })
        }

        pub(crate) fn replace(&mut self, old: &Acaddr, new: &Unlisted) -> Option<Unlisted> {
            self.listed()?;
            let _ = old;
            let old = self.set_listed("replaces the group", Some(new.for_list()))?;
            Some(Unlisted::from_delisted(old))
        }

        pub(crate) fn has(&self, group: &Acaddr) -> bool {
            self.listed() == Some(group.number())
        }

        pub(crate) fn remove(&mut self, group: &Acaddr) -> Option<Unlisted> {
            if !self.has(group) {
                return None;
            }
            self.pop()
        }

        pub(crate) fn pop(&mut self) -> Option<Unlisted> {
            self.listed()?;
            let old = self.set_listed("takes the group off the list", None)?;
            Some(Unlisted::from_delisted(old))
        }
    }

    /// The group on the list.
    pub(crate) struct Occupied<'g, 'a>(&'g mut LockedGroups<'a>);

    impl Occupied<'_, '_> {
        fn group(&self) -> &'static Acaddr {
            Acaddr::nth(self.0.listed().expect("listed"))
        }
    }

    impl users::Occupied for Occupied<'_, '_> {
        type Delisted = Unlisted;

        fn users(&self) -> Users {
            self.group().users()
        }

        fn set_users(&mut self, users: Users) {
            self.group().set_users(users, self.0);
        }

        fn remove(self) -> Unlisted {
            self.0.pop().expect("listed")
        }
    }

    /// Room on the list.
    pub(crate) struct Vacant<'g, 'a>(&'g mut LockedGroups<'a>);

    impl users::Vacant for Vacant<'_, '_> {
        type Unlisted = Unlisted;
        type Listed = ARef<Acaddr>;

        fn insert(self, unlisted: &Unlisted) -> ARef<Acaddr> {
            self.0
                .set_listed("lists the group", Some(unlisted.for_list()));
            unlisted.group().into()
        }
    }
}

pub(crate) mod acaddr_hash {
    use super::{acaddr::Acaddr, *};

    pub(crate) fn candidates<'r>(
        _net: &Net,
        _addr: &Ipv6Addr,
        rcu: &'r rcu::Guard,
    ) -> impl Iterator<Item = &'r Acaddr> {
        all(rcu)
    }

    pub(crate) fn all(_rcu: &rcu::Guard) -> impl Iterator<Item = &Acaddr> + '_ {
        if lacks(Flaw::CompleteEarly) {
            index::complete(index::OnlyRust::new());
        }
        let hashed = |world: &mut World| world.idevs.each_ref().map(|idev| idev.listed);
        let hashed = step("looks at the hash", hashed);
        hashed.into_iter().flatten().map(|group| Acaddr::nth(group))
    }
}

pub(crate) mod index {
    use super::{acaddr::Acaddr, list_lock::LockedGroups, *};
    use core::{marker::PhantomData, ops::Deref};

    pub(crate) fn is_complete() -> bool {
        let look = |world: &mut World| world.complete;
        crate::fake::world::step_in(|scope| scope.transition, "looks at the index", look)
    }

    pub(crate) struct Complete<'r>(PhantomData<&'r rcu::Guard>);

    pub(crate) fn complete_during(_rcu: &rcu::Guard) -> Option<Complete<'_>> {
        is_complete().then_some(Complete(PhantomData))
    }

    /// The word of whoever knows that no task is in C.
    #[derive(Clone, Copy, Hash)]
    pub(crate) struct OnlyRust(());

    impl OnlyRust {
        pub(crate) const fn new() -> Self {
            Self(())
        }
    }

    pub(crate) fn complete(_rust: OnlyRust) {
        let complete = |world: &mut World| world.complete = true;
        step("completes the index", complete);
    }

    pub(crate) fn doubt() {
        let doubt = |world: &mut World| world.complete = false;
        step("doubts the index", doubt);
    }

    pub(crate) fn incomplete() {
        if lacks(Flaw::BuriedEarly) {
            step("empties the index", |world| note(world, None));
        }
        doubt();
        if !lacks(Flaw::ReliedOn) {
            rcu::synchronize_rcu();
        }
    }

    face! {
        /// A group in the index.
        Entry, 4
    }

    impl Entry {
        pub(crate) fn listed<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r Acaddr> {
            let listed = |world: &mut World| world.entries[self.number()].listed;
            let listed = crate::fake::world::step_in(
                |scope| scope.transition,
                "finds the group by the index",
                listed,
            );
            listed.map(Acaddr::nth)
        }

        pub(crate) fn device<'r>(&self, _rcu: &'r rcu::Guard) -> &'r NetDevice {
            NetDevice::nth(0)
        }

        pub(crate) fn slot(&self) -> usize {
            at_once("finds the number of the group", |world| {
                world.entries[self.number()].slot
            })
        }

        pub(crate) fn is_exported(&self) -> bool {
            at_once("is it to be exported?", |world| {
                world.entries[self.number()].exported
            })
        }

        pub(crate) fn has_adopted(&self) -> bool {
            at_once("has it adopted holders?", |world| {
                world.entries[self.number()].adopted
            })
        }
    }

    /// That a group is in the index; for as long as it lives.
    #[derive(Hash)]
    pub(crate) struct Indexed(usize);

    impl Indexed {
        pub(crate) fn new(
            _device: &NetDevice,
            _addr: &Ipv6Addr,
            slot: usize,
            _flags: Flags,
        ) -> Result<Self> {
            let enter = |world: &mut World| {
                let mut free = world.entries.iter();
                let number = free.position(|entry| !entry.used).expect("few entries");
                world.entries[number] = crate::fake::world::Entry {
                    used: true,
                    slot,
                    listed: None,
                    adopted: false,
                    exported: false,
                };
                number
            };
            Ok(Self(at_once("enters the group", enter)))
        }

        pub(crate) fn adopt(
            &self,
            listed: &Acaddr,
            _newer: Option<&Acaddr>,
            _groups: &LockedGroups<'_>,
        ) {
            with(|world| set_listed(world, self.0, Some(listed.number())));
        }

        pub(crate) fn set_adopted(&mut self, adopted: bool) {
            with(|world| world.entries[self.0].adopted = adopted);
        }

        pub(crate) fn set_exported(&mut self, exported: bool) {
            let set = |world: &mut World| world.entries[self.0].exported = exported;
            crate::fake::world::step_in(|scope| scope.export, "notes whether it is exported", set);
        }
    }

    impl Deref for Indexed {
        type Target = Entry;

        fn deref(&self) -> &Entry {
            Entry::nth(self.0)
        }
    }

    impl Drop for Indexed {
        fn drop(&mut self) {
            with(|world| {
                set_listed(world, self.0, None);
                world.entries[self.0] = Default::default();
            });
        }
    }

    /// Where the group is now.
    pub(super) fn note(world: &mut World, listed: Option<usize>) {
        if let Some(entry) = world.entries.iter().position(|entry| entry.used) {
            set_listed(world, entry, listed);
        }
    }

    fn set_listed(world: &mut World, entry: usize, listed: Option<usize>) {
        if let Some(group) = listed {
            world.group(group).references += 1;
        }
        let old = std::mem::replace(&mut world.entries[entry].listed, listed);
        if let Some(group) = old {
            world.put_group(group);
        }
    }

    pub(crate) fn on_device<'r>(
        _device: &NetDevice,
        _addr: &Ipv6Addr,
        _rcu: &'r rcu::Guard,
    ) -> Option<&'r Entry> {
        let find = |world: &mut World| world.entries.iter().position(|entry| entry.used);
        let found =
            crate::fake::world::step_in(|scope| scope.transition, "looks into the index", find);
        found.map(Entry::nth)
    }

    pub(crate) fn in_net<'r>(
        _net: &Net,
        addr: &Ipv6Addr,
        rcu: &'r rcu::Guard,
    ) -> impl Iterator<Item = &'r Entry> {
        on_device(NetDevice::nth(0), addr, rcu).into_iter()
    }
}

pub(crate) mod joined {
    use super::*;
    use crate::sys::sock::Sock;

    /// That a socket has joined a group, for SYNs.
    #[derive(Hash)]
    pub(crate) struct Joined(());

    impl Joined {
        pub(crate) fn new(_sock: &Sock, _ifindex: i32, _addr: &Ipv6Addr) -> Result<Self> {
            Ok(Self(()))
        }
    }
}

pub(crate) mod membership {
    /// What tells two memberships apart.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) struct Identity(pub(crate) usize);

    impl Identity {
        pub(crate) const FIRST: Self = Self(0);

        pub(crate) fn next(self) -> Self {
            Self(self.0 + 1)
        }
    }
}

pub(crate) mod notify {
    use super::{acaddr::Acaddr, *};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Event {
        New,
        Del,
    }

    pub(crate) fn tell(_net: &Net, _group: &Acaddr, event: Event) {
        match event {
            Event::New => step("tells of a new group", |world| world.told += 1),
            Event::Del => step("tells of the end of a group", |world| world.told -= 1),
        }
    }
}
