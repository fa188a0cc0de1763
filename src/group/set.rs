// SPDX-License-Identifier: GPL-2.0

//! What the module knows about a device's groups beyond the kernel's list: all groups, published or
//! dormant, and their holders.
//!
//! The [`index`] maps addresses to slots. Process context, under the publish lock of the device.

use super::{
    by::By,
    group::Group,
    members::{
        Reservation,
        Turn, //
    },
    numbering,
    place::{
        Look,
        Place, //
    },
    timetable::Timetable,
    user_order::{
        OrderError,
        UserOrder, //
    },
};
use crate::{
    decide::{
        holders::{
            Holder,
            Holders,
            NotHeld, //
        },
        users::Full, //
    },
    publish::{
        monitor::{
            self,
            Report, //
        },
        observe,
        solicited_node::Listeners, //
    },
    store::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        index::{
            self,
            Indexed, //
        },
    },
    sys::{
        inet6_dev::Inet6Dev,
        memory::UNCHARGED,
        net_device::NetDevice,
        pernet::Room,
        rtnl::Rtnl,
        trace::GroupEvent, //
    },
};
use core::{
    mem,
    net::Ipv6Addr, //
};
use kernel::{
    alloc::Flags,
    prelude::*,
    sync::{
        aref::ARef,
        rcu, //
    }, //
};

/// The groups of a device.
///
/// # Invariants
///
/// The index has each group, under its number here, which it keeps for as long as it is held. `free` begins the
/// chain of all free numbers.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct GroupSet {
    slots: KVVec<Slot>,
    free: Option<usize>,
    /// The slots whose groups have something to do at a time.
    timetable: Timetable,
}

/// A slot: the number of a group.
#[cfg_attr(test, derive(Hash))]
enum Slot {
    Group(KBox<Group>),
    /// Free, with the next free slot.
    Free(Option<usize>),
}

impl Slot {
    fn group(&self) -> Option<&Group> {
        match self {
            Self::Group(group) => Some(group),
            Self::Free(_) => None,
        }
    }

    fn group_mut(&mut self) -> Option<&mut Group> {
        match self {
            Self::Group(group) => Some(group),
            Self::Free(_) => None,
        }
    }
}

/// The most slots that one look passes over under the publish lock, and the most groups whose time has come that are
/// settled under it.
const STEPS: usize = 64;

impl GroupSet {
    /// No groups.
    pub(crate) fn new() -> Self {
        // INVARIANT: There is no group.
        Self {
            slots: KVVec::new(),
            free: None,
            timetable: Timetable::new(),
        }
    }

    /// The groups on the list of `idev`, which does not change meanwhile.
    ///
    /// RTNL keeps the number of addrconf's holds stable. Fails with `ENOMEM`.
    pub(crate) fn adopt(idev: &Inet6Dev, rtnl: &Rtnl) -> Result<Self> {
        let mut set = Self::new();
        let mut newer: Option<ARef<Acaddr>> = None;
        let mut listeners = Listeners::of(idev, rtnl)?;
        for listed in listed_groups(idev)? {
            let addr = listed.addr();
            let holders = Holders::adopt(listed.users(), idev.needing(&addr));
            let indexed = set.enter(idev.device(), &addr, UNCHARGED)?;
            indexed.adopt(&listed, newer.as_deref(), &idev.lock_groups());
            newer = Some(listed.clone());
            let listening = listeners.take(&addr);
            let group = Group::adopt(idev.into(), listed, listening, holders, indexed);
            set.push(group, UNCHARGED)?;
        }
        Ok(set)
    }

    /// Adds a holder to the group `addr` of `idev`.
    ///
    /// Fails with `EINVAL` when the device has `addr` as a unicast address or is about to get it
    /// (addrconf may join nevertheless), `ENOMEM`, `ENOBUFS` when the namespace or the user has
    /// reached its limit, or `EOVERFLOW` when the group cannot count more holders. Nothing has
    /// changed then.
    pub(crate) fn join(&mut self, idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let device = idev.device();
        if !matches!(by, By::Addrconf(_)) && numbering::has(device, addr) {
            return Err(EINVAL);
        }
        let form = Reservation::new(device, addr, by)?;
        let holder = match form {
            Reservation::Addrconf => Holder::Addrconf {
                needed: idev.needing(addr),
            },
            Reservation::Caller(..) => Holder::Caller,
            Reservation::Member(_, holder, _) => holder,
        };
        let slot = match self.slot(device, addr) {
            Some(slot) => slot,
            None => self.found(idev, addr, by)?,
        };
        let group = self.group_mut(slot).ok_or(ENOENT)?;
        group.take_room(|| room(device, by))?;
        group.join(holder, form)?;
        self.settle(device, slot, GroupEvent::Join);
        Ok(())
    }

    /// Removes a holder from the group `addr` of `device`.
    ///
    /// Fails with `ENOENT` when there is no such holder.
    pub(crate) fn leave(&mut self, device: &NetDevice, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let slot = self.slot(device, addr).ok_or(ENOENT)?;
        let group = self.group_mut(slot).ok_or(ENOENT)?;
        let holder = match by {
            By::Addrconf(idev) => Holder::Addrconf {
                needed: idev.needing(addr),
            },
            By::Caller(module) => group.members.strike_caller(module),
            By::Socket(_, identity) => group.members.strike_member(&identity),
        };
        group.leave(holder)?;
        self.settle(device, slot, GroupEvent::Leave);
        Ok(())
    }

    /// Carries out what a user asks for the group `addr` of `device`.
    ///
    /// Fails when the order is refused, and with `ENOENT` without such a group, or `ENOMEM`; nothing has changed
    /// then.
    pub(crate) fn order(
        &mut self,
        device: &NetDevice,
        addr: &Ipv6Addr,
        order: UserOrder,
    ) -> Result<(), OrderError> {
        let slot = self.slot(device, addr).ok_or(ENOENT)?;
        self.timetable.make_room()?;
        let group = self.group_mut(slot).filter(|group| group.is_held());
        group.ok_or(ENOENT)?.order(order)?;
        self.settle_slot(device, slot);
        self.arrange(slot);
        Ok(())
    }

    /// Settles some of the groups that have something to do by `now`. Returns when the next ones have, which
    /// may be at once.
    pub(crate) fn expire(&mut self, device: &NetDevice, now: u64) -> Option<u64> {
        for _ in 0..STEPS {
            let Some(slot) = self.timetable.take_due(now) else {
                break;
            };
            self.settle_slot(device, slot);
            self.arrange(slot);
        }
        self.timetable.next()
    }

    /// What users may know of the group `addr` of `device`.
    pub(crate) fn report(&self, device: &NetDevice, addr: &Ipv6Addr) -> Option<Report> {
        let group = self.slots.get(self.slot(device, addr)?)?.group()?;
        Some(group.report(device))
    }

    /// The device has been removed, and the groups end with it.
    pub(crate) fn tell_lost(&self, device: &NetDevice) {
        for group in self.slots.iter().filter_map(Slot::group) {
            monitor::ended(device, || group.report(device));
        }
    }

    /// `device` is about to get the unicast address `addr`: from now on nobody but addrconf can
    /// join it, and an existing group yields at once.
    ///
    /// Fails with `EADDRINUSE` while the group has a privileged holder; nothing has changed then.
    pub(crate) fn make_way(&mut self, device: &NetDevice, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result {
        let slot = self.slot(device, addr);
        let mut group = slot.and_then(|slot| self.group_mut(slot));
        if group
            .as_ref()
            .is_some_and(|group| group.holders().privileged())
        {
            return Err(EADDRINUSE);
        }
        numbering::expect(device, addr, rtnl);
        if let Some(group) = &mut group {
            // Only publishing and repairing need memory.
            let _ = group.settle(device);
        }
        Ok(())
    }

    /// The number of holds on all groups together.
    pub(crate) fn holds(&self) -> u64 {
        let groups = self.slots.iter().filter_map(Slot::group);
        let counts = groups.filter_map(|group| group.holders().users());
        counts
            .map(|users| u64::from(users.as_raw().unsigned_abs()))
            .sum()
    }

    /// IPv6 has left `device`: drops addrconf's holds. No group can stay listed.
    pub(crate) fn ipv6_gone(&mut self, device: &NetDevice, rtnl: &Rtnl) {
        for group in self.slots.iter_mut().filter_map(Slot::group_mut) {
            group.lose_addrconf();
        }
        // Only publishing and repairing need memory.
        let _ = self.settle_all(device, rtnl);
    }

    /// Settles each group (see [`Group::settle()`]), after events that may have touched the groups'
    /// routes, `device` or its addresses.
    ///
    /// Fails when a group has to wait; the caller has to retry later.
    pub(crate) fn settle_all(&mut self, device: &NetDevice, rtnl: &Rtnl) -> Result {
        let all = self.slots.len();
        self.settle_some(device, rtnl, all, all).1
    }

    /// [`GroupSet::settle_all()`] for at most `most` of the first `left` slots, from the last one
    /// down. Returns how many slots are left, and the result.
    pub(crate) fn settle_some(
        &mut self,
        device: &NetDevice,
        rtnl: &Rtnl,
        left: usize,
        most: usize,
    ) -> (usize, Result) {
        let end = left.min(self.slots.len());
        let begin = end.saturating_sub(most);
        let mut result = Ok(());
        for slot in begin..end {
            if let Some(group) = self.group_mut(slot) {
                result = result.and(group.settle(device));
                group.serve_unicast(device, rtnl);
            }
            self.forget_unheld(device, slot);
        }
        (begin, result)
    }

    /// `device` is about to go down: ends the exports of its groups.
    pub(crate) fn unexport(&mut self, device: &NetDevice) {
        for group in self.slots.iter_mut().filter_map(Slot::group_mut) {
            group.unexport(device);
        }
    }

    /// Hands all groups back to C.
    pub(crate) fn hand_back(&mut self, device: &NetDevice) {
        for group in self.slots.iter_mut().filter_map(Slot::group_mut) {
            if group.hand_back(device).is_err() {
                pr_warn!(
                    "{}: the group {:?} is lost: C keeps none on a device without IPv6\n",
                    device.name(),
                    group.addr(),
                );
            }
        }
    }

    /// Leaves the list as it is to another livepatch. That knows nothing of dormant groups, which
    /// are lost.
    pub(crate) fn abandon(&mut self, device: &NetDevice) {
        self.unexport(device);
        let groups = self.slots.iter().filter_map(Slot::group);
        for group in groups.filter(|group| !group.is_visible()) {
            pr_warn!(
                "{}: the group {:?} is lost: it was waiting for its device\n",
                device.name(),
                group.addr(),
            );
        }
    }

    /// What `look` finds first, in the groups from `place` on, which is set to it. What stays is found exactly
    /// once, even if others join or leave between two calls.
    pub(crate) fn find<T>(
        &self,
        place: &mut Place,
        look: impl Fn(&Group, &mut Turn) -> Option<T>,
    ) -> Look<T> {
        for _ in 0..STEPS {
            let Some(slot) = self.slots.get(place.slot) else {
                return Look::End;
            };
            let group = slot.group();
            if let Some(found) = group.and_then(|group| look(group, &mut place.turn)) {
                return Look::Found(found);
            }
            place.pass_group();
        }
        Look::Further
    }

    fn group_mut(&mut self, slot: usize) -> Option<&mut Group> {
        self.slots.get_mut(slot)?.group_mut()
    }

    /// The slot of the group `addr` of `device`.
    fn slot(&self, device: &NetDevice, addr: &Ipv6Addr) -> Option<usize> {
        let rcu = rcu::read_lock();
        index::on_device(device, addr, &rcu).map(|entry| entry.slot())
    }

    /// Makes the group `addr` of `idev`, still without holders. Returns its slot.
    fn found(&mut self, idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result<usize> {
        let room = room(idev.device(), by)?;
        let unlisted = Unlisted::new(idev, addr, by.memory())?;
        let indexed = self.enter(idev.device(), addr, by.memory())?;
        self.push(Group::new(unlisted, indexed, room), by.memory())
    }

    /// Adds the next group to the index.
    fn enter(&self, device: &NetDevice, addr: &Ipv6Addr, flags: Flags) -> Result<Indexed> {
        Indexed::new(device, addr, self.next_slot(), flags)
    }

    /// Stores a group that has just been added to the index, in the next slot. Fails with `ENOMEM`;
    /// the group leaves the index then.
    fn push(&mut self, group: Group, flags: Flags) -> Result<usize> {
        let slot = self.next_slot();
        let group = Slot::Group(KBox::new(group, flags)?);
        // INVARIANT: It was entered under this number, which is free no longer.
        match self.slots.get_mut(slot) {
            Some(place) => {
                if let Slot::Free(next) = mem::replace(place, group) {
                    self.free = next;
                }
            }
            None => self.slots.push(group, flags)?,
        }
        Ok(slot)
    }

    /// The slot of the next group.
    fn next_slot(&self) -> usize {
        self.free.unwrap_or(self.slots.len())
    }

    /// Settles one group after a join or a leave, now or, without memory, later.
    fn settle(&mut self, device: &NetDevice, slot: usize, event: GroupEvent) {
        let Some(group) = self.group_mut(slot) else {
            return;
        };
        observe::group(event, device, &group.addr(), group.holders().users());
        self.settle_slot(device, slot);
    }

    /// Settles one group now or, without memory, later.
    fn settle_slot(&mut self, device: &NetDevice, slot: usize) {
        let Some(group) = self.group_mut(slot) else {
            return;
        };
        if group.settle(device).is_err() {
            device.net().reconciler().retry();
        }
        match group.has_to_serve(device) {
            // That takes RTNL.
            true => {
                group.give_room();
                device.net().reconciler().soon();
            }
            false => self.forget_unheld(device, slot),
        }
    }

    /// Notes when the group of a slot has something to do. There is room for it.
    fn arrange(&mut self, slot: usize) {
        let group = self.slots.get(slot).and_then(Slot::group);
        self.timetable.set(slot, group.and_then(Group::due));
    }

    /// Removes the group of a slot if it has no holders.
    fn forget_unheld(&mut self, device: &NetDevice, slot: usize) {
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        if let Some(group) = place.group().filter(|group| !group.is_held()) {
            monitor::ended(device, || group.report(device));
            // INVARIANT: The number is free from now on.
            *place = Slot::Free(self.free.replace(slot));
        }
    }
}

/// A place for a group of `device` in its namespace. Fails with `ENOBUFS` at the limit; addrconf never does.
fn room(device: &NetDevice, by: By<'_>) -> Result<Room> {
    match by {
        By::Addrconf(_) => Ok(device.net().room()),
        By::Caller(_) | By::Socket(..) => device.net().room_if_free(),
    }
}

/// The groups on the list of `idev`, newest first, while nobody changes it.
fn listed_groups(idev: &Inet6Dev) -> Result<KVVec<ARef<Acaddr>>> {
    let count = idev.groups(&rcu::read_lock()).count();
    let mut listed = KVVec::with_capacity(count, GFP_KERNEL)?;
    let rcu = rcu::read_lock();
    for group in idev.groups(&rcu).take(count) {
        // The capacity has been reserved.
        let _ = listed.push_within_capacity(group.into());
    }
    Ok(listed)
}

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        EOVERFLOW
    }
}

impl From<NotHeld> for Error {
    fn from(_: NotHeld) -> Self {
        ENOENT
    }
}
