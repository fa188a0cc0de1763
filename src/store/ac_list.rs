// SPDX-License-Identifier: GPL-2.0

//! The list of a device's groups, for writers.
//!
//! C header: `include/net/if_inet6.h` (`idev->ac_list`)

use super::{
    acaddr::{
        Acaddr,
        Unlisted, //
    },
    acaddr_hash,
    index,
    list_lock::LockedGroups, //
};
use crate::{
    bindings,
    decide::{
        counter::Counter,
        users::{
            self,
            Entry,
            Users, //
        },
    },
    sys::face::Face,
};
use core::{
    net::Ipv6Addr,
    ptr::{
        self,
        null_mut,
        NonNull, //
    },
};
use kernel::sync::{
    aref::ARef,
    rcu, //
};

/// A group on the list, after its newer neighbour if it has one.
type Place<'g> = (Option<&'g Acaddr>, &'g Acaddr);

/// The pointer of a group, or null.
fn raw(group: Option<&Acaddr>) -> *mut bindings::ifacaddr6 {
    group.map_or(null_mut(), Acaddr::as_ptr)
}

impl<'a> LockedGroups<'a> {
    /// The place of the group `addr`, on the list or free.
    pub(crate) fn entry(&mut self, addr: &Ipv6Addr) -> Entry<Occupied<'_, 'a>, Vacant<'_, 'a>> {
        let found = self.find(addr);
        match found.map(|(before, group)| (before.map(NonNull::from), NonNull::from(group))) {
            // INVARIANT: `group` was just found behind `before`.
            Some((before, group)) => Entry::Occupied(Occupied {
                groups: self,
                before,
                group,
            }),
            None => Entry::Vacant(Vacant { groups: self }),
        }
    }

    /// The group `addr`, after its newer neighbour on the list.
    fn find(&self, addr: &Ipv6Addr) -> Option<Place<'_>> {
        if !index::is_complete() {
            return self.walk_to(addr);
        }
        let rcu = rcu::read_lock();
        let entry = index::on_device(self.idev.device(), addr, &rcu)?;
        let listed = entry.listed(&rcu)?;
        let before = entry.newer(self);
        match self.behind(before) {
            Some(group) if ptr::eq(group, listed) => Some((before, group)),
            _ => self.walk_to(addr),
        }
    }

    /// The group on the list after `before`, which is a group that was once on it, or else the
    /// first.
    fn behind(&self, before: Option<&Acaddr>) -> Option<&Acaddr> {
        match before {
            Some(before) if !acaddr_hash::contains(before, self) => None,
            Some(before) => self.after(before),
            None => self.first(),
        }
    }

    /// Like [`LockedGroups::find()`], but walks over all newer groups.
    fn walk_to(&self, addr: &Ipv6Addr) -> Option<Place<'_>> {
        self.idev.device().net().stats().count(Counter::Walk);
        let mut before = None;
        let mut here = self.first();
        while let Some(group) = here {
            if group.addr() == *addr {
                return Some((before, group));
            }
            before = Some(group);
            here = self.after(group);
        }
        None
    }

    /// Updates the index: the group `addr` is listed as `listed`, after `newer`.
    fn note(&self, addr: &Ipv6Addr, listed: Option<&Acaddr>, newer: Option<&Acaddr>) {
        self.with_indexed(addr, |entry| entry.set_place(listed, newer, self));
    }

    /// Updates the index: `newer`, or nothing, is now before `group`.
    fn note_before(&self, group: Option<&Acaddr>, newer: Option<&Acaddr>) {
        if let Some(group) = group {
            self.with_indexed(&group.addr(), |entry| entry.set_newer(newer, self));
        }
    }

    fn with_indexed(&self, addr: &Ipv6Addr, change: impl FnOnce(&index::Entry)) {
        if index::is_complete() {
            let rcu = rcu::read_lock();
            index::on_device(self.idev.device(), addr, &rcu).map(change);
        }
    }

    /// Replaces `old` by `new` on list and hash. RCU readers see one or the other.
    ///
    /// Returns `old` as it left the list, or [`None`] if it was not on it; nothing has changed
    /// then.
    pub(crate) fn replace(&mut self, old: &Acaddr, new: &Unlisted) -> Option<Unlisted> {
        let (before, listed) = self.find(&old.addr())?;
        let after = self.after(listed);
        let (aca, group) = new.for_list();
        // SAFETY: The lock is held, nobody else knows the new group, and the old one is behind `before`.
        unsafe {
            bindings::anycast6_helper_aca_next_assign(aca.as_ptr(), raw(after));
            self.assign(before, aca.as_ptr());
        }
        acaddr_hash::replace(listed, &group, self);
        self.note(&group.addr(), Some(&group), before);
        self.note_before(after, Some(&group));
        // SAFETY: The group has just left the list, and nobody else could take it off.
        Some(unsafe { Unlisted::from_delisted(NonNull::from(listed).cast()) })
    }

    /// Whether `group` itself is on the list.
    pub(crate) fn has(&self, group: &Acaddr) -> bool {
        // INVARIANT: What is on the list is in the hash, under this lock.
        acaddr_hash::contains(group, self)
    }

    /// Takes `group` off list and hash. Returns [`None`] if it was not there.
    pub(crate) fn remove(&mut self, group: &Acaddr) -> Option<Unlisted> {
        match self.entry(&group.addr()) {
            Entry::Occupied(listed) if ptr::eq(listed.group(), group) => {
                Some(users::Occupied::remove(listed))
            }
            _ => None,
        }
    }

    /// Takes the newest group off list and hash.
    pub(crate) fn pop(&mut self) -> Option<Unlisted> {
        let group = NonNull::from(self.first()?);
        // INVARIANT: `group` is the first on the list.
        let youngest = Occupied {
            groups: self,
            before: None,
            group,
        };
        Some(users::Occupied::remove(youngest))
    }

    fn first(&self) -> Option<&Acaddr> {
        // SAFETY: The object is alive and the lock is held. What is on the list now is freed an RCU grace period
        // after it has left it, and so not before the lock, bottom halves off, is given back.
        unsafe {
            Acaddr::from_nullable(bindings::anycast6_helper_ac_list_locked(self.idev.as_ptr()))
        }
    }

    /// The group after `group`, which is on the list.
    fn after(&self, group: &Acaddr) -> Option<&Acaddr> {
        // SAFETY: The objects are alive and the lock is held. What is on the list now is freed an RCU grace period
        // after it has left it, and so not before the lock, bottom halves off, is given back.
        unsafe {
            Acaddr::from_nullable(bindings::anycast6_helper_aca_next_locked(
                self.idev.as_ptr(),
                group.as_ptr(),
            ))
        }
    }

    /// Makes `next` follow `before`, or be the first.
    ///
    /// # Safety
    ///
    /// `before` is on the list. What `next` leads to is what is to be the rest of the list.
    unsafe fn assign(&self, before: Option<&Acaddr>, next: *mut bindings::ifacaddr6) {
        // SAFETY: The objects are alive and the lock is held; the caller has a list for `next`.
        unsafe {
            match before {
                Some(before) => bindings::anycast6_helper_aca_next_assign(before.as_ptr(), next),
                None => bindings::anycast6_helper_ac_list_assign(self.idev.as_ptr(), next),
            }
        }
    }
}

/// A group on the list.
///
/// # Invariants
///
/// `group` is on the list, behind `before`, or else first.
pub(crate) struct Occupied<'g, 'a> {
    groups: &'g mut LockedGroups<'a>,
    before: Option<NonNull<Acaddr>>,
    group: NonNull<Acaddr>,
}

impl Occupied<'_, '_> {
    fn group(&self) -> &Acaddr {
        // SAFETY: A group on the list is alive while the lock is held.
        unsafe { self.group.as_ref() }
    }
}

impl users::Occupied for Occupied<'_, '_> {
    type Delisted = Unlisted;

    fn users(&self) -> Users {
        self.group().users()
    }

    fn set_users(&mut self, users: Users) {
        self.group().set_users(users, self.groups);
    }

    /// Takes the group off list and hash. RCU readers may see it until a grace period has passed.
    fn remove(self) -> Unlisted {
        let after = self.groups.after(self.group());
        // SAFETY: The group is on the list behind `before`, and both are alive while the lock is held.
        let before = unsafe {
            let before = self.before.map(|before| before.as_ref());
            self.groups.assign(before, raw(after));
            before
        };
        acaddr_hash::remove(self.group(), self.groups);
        self.groups.note_before(after, before);
        self.groups.note(&self.group().addr(), None, None);
        self.groups.idev.device().net().listing().changed();
        // SAFETY: The group has just left the list, and nobody else could take it off.
        unsafe { Unlisted::from_delisted(self.group.cast()) }
    }
}

/// The place for a new group.
pub(crate) struct Vacant<'g, 'a> {
    groups: &'g mut LockedGroups<'a>,
}

impl users::Vacant for Vacant<'_, '_> {
    type Unlisted = Unlisted;
    type Listed = ARef<Acaddr>;

    /// Puts `unlisted` on list and hash. RCU readers see it at once.
    fn insert(self, unlisted: &Unlisted) -> ARef<Acaddr> {
        let idev = self.groups.idev;
        let first = self.groups.first();
        let (aca, group) = unlisted.for_list();
        // SAFETY: The lock is held, and nobody else knows the new group yet. The first assignment
        // is ordered before the second by the release semantics of rcu_assign_pointer().
        unsafe {
            bindings::anycast6_helper_aca_next_assign(aca.as_ptr(), raw(first));
            self.groups.assign(None, aca.as_ptr());
        }
        acaddr_hash::insert(&group, idev.device().net(), self.groups);
        self.groups.note_before(first, Some(&group));
        self.groups.note(&group.addr(), Some(&group), None);
        idev.device().net().listing().changed();
        group
    }
}
