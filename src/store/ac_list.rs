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
        null_mut,
        NonNull, //
    },
};
use kernel::sync::{
    aref::ARef,
    rcu, //
};

/// A group on the list, behind its younger neighbour or null.
type Place = (
    *mut bindings::ifacaddr6,
    NonNull<bindings::ifacaddr6>, //
);

impl<'a> LockedGroups<'a> {
    /// Where the group `addr` is, or would be.
    pub(crate) fn entry(&mut self, addr: &Ipv6Addr) -> Entry<Occupied<'_, 'a>, Vacant<'_, 'a>> {
        match self.find(addr) {
            // INVARIANT: `aca` was just found behind `before`.
            Some((before, aca)) => Entry::Occupied(Occupied {
                groups: self,
                before,
                aca,
            }),
            None => Entry::Vacant(Vacant { groups: self }),
        }
    }

    /// The group `addr`, behind its younger neighbour on the list, or null.
    fn find(&self, addr: &Ipv6Addr) -> Option<Place> {
        if !index::is_complete() {
            return self.walk_to(addr);
        }
        let rcu = rcu::read_lock();
        let entry = index::on_device(self.idev.device(), addr, &rcu)?;
        let aca = NonNull::from(entry.listed(&rcu)?).cast();
        // SAFETY: The lock is held.
        let before = unsafe { entry.newer() }.map_or(null_mut(), Acaddr::as_ptr);
        if self.leads_to(before, aca) {
            Some((before, aca))
        } else {
            self.walk_to(addr)
        }
    }

    /// Is `aca` on the list behind `before`, which is a group that was on it once, or null?
    fn leads_to(
        &self,
        before: *mut bindings::ifacaddr6,
        aca: NonNull<bindings::ifacaddr6>,
    ) -> bool {
        let Some(before) = NonNull::new(before) else {
            return self.first() == Some(aca);
        };
        // SAFETY: The caller has a reference to it.
        acaddr_hash::contains(unsafe { Acaddr::from_raw(before.as_ptr()) }, self)
            && self.after(before) == Some(aca)
    }

    /// As [`LockedGroups::find()`], at the price of all that are younger.
    fn walk_to(&self, addr: &Ipv6Addr) -> Option<Place> {
        self.idev.device().net().stats().count(Counter::Walk);
        let mut before = null_mut();
        let mut here = self.first();
        while let Some(aca) = here {
            // SAFETY: A group on the list is alive while the lock is held.
            if unsafe { Acaddr::from_raw(aca.as_ptr()) }.addr() == *addr {
                return Some((before, aca));
            }
            before = aca.as_ptr();
            here = self.after(aca);
        }
        None
    }

    /// Lets the index know where the group `addr` is now: listed as `listed`, behind `newer`.
    fn note(&self, addr: &Ipv6Addr, listed: Option<&Acaddr>, newer: Option<&Acaddr>) {
        self.with_indexed(addr, |entry| {
            // SAFETY: The lock is held.
            unsafe {
                entry.set_listed(listed);
                entry.set_newer(newer);
            }
        });
    }

    /// Lets the index know that `newer` is now before the group at `aca`, or nothing.
    fn note_before(&self, aca: *mut bindings::ifacaddr6, newer: Option<&Acaddr>) {
        // SAFETY: A group on the list is alive while the lock is held.
        if let Some(group) = unsafe { Acaddr::from_nullable(aca) } {
            // SAFETY: The lock is held.
            self.with_indexed(&group.addr(), |entry| unsafe { entry.set_newer(newer) });
        }
    }

    fn with_indexed(&self, addr: &Ipv6Addr, change: impl FnOnce(&index::Entry)) {
        if index::is_complete() {
            let rcu = rcu::read_lock();
            index::on_device(self.idev.device(), addr, &rcu).map(change);
        }
    }

    /// Puts `new` in the place of `old`, on list and hash. RCU readers see the one or the other.
    ///
    /// Returns `old` as it left the list, or [`None`] when it is not on it; then nothing has changed.
    pub(crate) fn replace(&mut self, old: &Acaddr, new: &Unlisted) -> Option<Unlisted> {
        let Entry::Occupied(listed) = self.entry(&old.addr()) else {
            return None;
        };
        let (before, aca) = (listed.before, listed.aca);
        let after = self.after(aca).map_or(null_mut(), NonNull::as_ptr);
        // SAFETY: A group on the list is alive while the lock is held.
        let newer: Option<&Acaddr> = unsafe { Acaddr::from_nullable(before) };
        let (new_aca, new_group) = new.for_list();
        // SAFETY: The lock is held, nobody else knows the new group, and the old one is behind `before`, or first
        // where that is null.
        unsafe {
            bindings::anycast6_helper_aca_next_assign(new_aca.as_ptr(), after);
            if before.is_null() {
                bindings::anycast6_helper_ac_list_assign(self.idev.as_ptr(), new_aca.as_ptr());
            } else {
                bindings::anycast6_helper_aca_next_assign(before, new_aca.as_ptr());
            }
        }
        // SAFETY: A group on the list is alive while the lock is held.
        acaddr_hash::replace(unsafe { Acaddr::from_raw(aca.as_ptr()) }, &new_group, self);
        self.note(&new_group.addr(), Some(&new_group), newer);
        self.note_before(after, Some(&new_group));
        // SAFETY: The group has just left the list, and nobody else could take it off.
        Some(unsafe { Unlisted::from_delisted(aca) })
    }

    /// Is `group` itself on the list?
    pub(crate) fn has(&self, group: &Acaddr) -> bool {
        // INVARIANT: What is on the list is in the hash, under this lock.
        acaddr_hash::contains(group, self)
    }

    /// Takes `group` off list and hash, [`None`] if it is not there.
    pub(crate) fn remove(&mut self, group: &Acaddr) -> Option<Unlisted> {
        match self.entry(&group.addr()) {
            Entry::Occupied(listed) if core::ptr::eq(listed.group(), group) => {
                Some(users::Occupied::remove(listed))
            }
            _ => None,
        }
    }

    /// Takes the youngest group off list and hash.
    pub(crate) fn pop(&mut self) -> Option<Unlisted> {
        let aca = self.first()?;
        // INVARIANT: `aca` is the first of the list.
        let youngest = Occupied {
            groups: self,
            before: null_mut(),
            aca,
        };
        Some(users::Occupied::remove(youngest))
    }

    fn first(&self) -> Option<NonNull<bindings::ifacaddr6>> {
        // SAFETY: The object is alive and the lock is held.
        NonNull::new(unsafe { bindings::anycast6_helper_ac_list_locked(self.idev.as_ptr()) })
    }

    fn after(&self, aca: NonNull<bindings::ifacaddr6>) -> Option<NonNull<bindings::ifacaddr6>> {
        // SAFETY: A group on the list is alive while the lock is held.
        NonNull::new(unsafe {
            bindings::anycast6_helper_aca_next_locked(self.idev.as_ptr(), aca.as_ptr())
        })
    }
}

/// A group on the list.
///
/// # Invariants
///
/// `aca` is on the list, behind `before`, or first where that is null.
pub(crate) struct Occupied<'g, 'a> {
    groups: &'g mut LockedGroups<'a>,
    before: *mut bindings::ifacaddr6,
    aca: NonNull<bindings::ifacaddr6>,
}

impl Occupied<'_, '_> {
    fn group(&self) -> &Acaddr {
        // SAFETY: A group on the list is alive while the lock is held.
        unsafe { Acaddr::from_raw(self.aca.as_ptr()) }
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

    /// Takes the group off list and hash. RCU readers may see it for a while.
    fn remove(self) -> Unlisted {
        let after = self
            .groups
            .after(self.aca)
            .map_or(null_mut(), NonNull::as_ptr);
        if self.before.is_null() {
            // SAFETY: The lock is held, and the group is the first on the list.
            unsafe {
                bindings::anycast6_helper_ac_list_assign(self.groups.idev.as_ptr(), after);
            }
        } else {
            // SAFETY: The lock is held, and the group is on the list behind `before`.
            unsafe { bindings::anycast6_helper_aca_next_assign(self.before, after) }
        }
        acaddr_hash::remove(self.group(), self.groups);
        // SAFETY: A group on the list is alive while the lock is held.
        let newer = unsafe { Acaddr::from_nullable(self.before) };
        self.groups.note_before(after, newer);
        self.groups.note(&self.group().addr(), None, None);
        self.groups.idev.device().net().listing().changed();
        // SAFETY: The group has just left the list, and nobody else could take it off.
        unsafe { Unlisted::from_delisted(self.aca) }
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
        let first = self.groups.first().map_or(null_mut(), NonNull::as_ptr);
        let (aca, group) = unlisted.for_list();
        // SAFETY: The lock is held, and nobody else knows the new group yet. The first assignment
        // is ordered before the second by the release semantics of rcu_assign_pointer().
        unsafe {
            bindings::anycast6_helper_aca_next_assign(aca.as_ptr(), first);
            bindings::anycast6_helper_ac_list_assign(idev.as_ptr(), aca.as_ptr());
        }
        acaddr_hash::insert(&group, idev.device().net(), self.groups);
        self.groups.note_before(first, Some(&group));
        self.groups.note(&group.addr(), Some(&group), None);
        idev.device().net().listing().changed();
        group
    }
}
