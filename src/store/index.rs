// SPDX-License-Identifier: GPL-2.0

//! The index: all groups of all devices, published or dormant, found in constant time.
//!
//! Two of the kernel's hash tables: by device and address (`rhashtable`), and by namespace and
//! address (`rhltable`, as several devices of a namespace may have the same group). Look-ups take
//! the RCU read lock only; entries are freed a grace period after their removal.
//!
//! The kernel's lists remain authoritative. An entry points to its group on the list, and to the
//! group before it, which a singly linked list does not tell. Both pointers are written under
//! `idev->lock`, which protects the list.
//!
//! The index is complete while the registry is filled ([`is_complete()`]), and replaces walks of
//! the lists then. At other times the lists have to be walked.
//!
//! C header: `include/linux/rhashtable.h`

use super::{
    acaddr::Acaddr, //
    list_lock::LockedGroups,
};
use crate::{
    bindings,
    sys::{
        addr::to_kernel,
        face::Face,
        memory::zeroed,
        net::Net,
        net_device::NetDevice,
        once::Once, //
    },
};
use core::{
    iter::successors,
    marker::PhantomData,
    net::Ipv6Addr,
    ops::Deref,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::{
    alloc::Flags,
    error::to_result,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        rcu, //
    },
    types::Opaque, //
};

/// The hash tables.
///
/// # Invariants
///
/// They are initialised while [`Index`] lives, and so, by the invariant of [`Once`], while anybody can enter
/// or look for a group.
struct Hashes {
    by_device: Opaque<bindings::rhashtable>,
    by_net: Opaque<bindings::rhltable>,
}

// SAFETY: The hashes synchronise their users.
unsafe impl Sync for Hashes {}

static HASHES: Hashes = Hashes {
    by_device: Opaque::uninit(),
    by_net: Opaque::uninit(),
};

/// Whether all groups are in the index.
static COMPLETE: Atomic<bool> = Atomic::new(false);

/// The index; while it exists, groups may be added and looked up.
///
/// # Invariants
///
/// [`HASHES`] are initialised.
pub(crate) struct Index;

impl Index {
    /// Makes the hash tables. Sleeps. Fails with `ENOMEM`.
    pub(crate) fn begin(_once: Once<Self>) -> Result<Self> {
        let (by_device, by_net) = (HASHES.by_device.get(), HASHES.by_net.get());
        // SAFETY: `_once` shows that the hash is not in use yet.
        to_result(unsafe { bindings::anycast6_helper_index_by_device_init(by_device) })?;
        // SAFETY: `_once` shows that the hash is not in use yet.
        let made = unsafe { bindings::anycast6_helper_index_by_net_init(by_net) };
        to_result(made).inspect_err(|_| {
            // SAFETY: It has been initialised above, and nobody has used it.
            unsafe { bindings::rhashtable_destroy(by_device) }
        })?;
        // INVARIANT: Both have just been initialised.
        Ok(Self)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // SAFETY: The hashes are initialised, and by the invariant of `Once` nobody enters or looks any more.
        unsafe {
            bindings::rhashtable_destroy(HASHES.by_device.get());
            bindings::anycast6_helper_index_by_net_destroy(HASHES.by_net.get());
        }
    }
}

/// Whether all groups are in the index. Any context.
pub(crate) fn is_complete() -> bool {
    COMPLETE.load(Acquire)
}

/// Proof that no task runs functions of the kernel's own C that the module replaces.
///
/// # Invariants
///
/// Nor will any, before the side tables are gone that this is given to.
#[derive(Clone, Copy)]
pub(crate) struct OnlyRust(());

impl OnlyRust {
    /// The word of whoever knows.
    ///
    /// # Safety
    ///
    /// It is as the invariant says.
    pub(crate) unsafe fn new() -> Self {
        // INVARIANT: The caller promises it.
        Self(())
    }
}

/// Proof that all groups are in the index, for the length of an RCU read section.
///
/// # Invariants
///
/// No task runs functions of the kernel's own C that the module replaces, nor will any before the section ends:
/// by the invariant of [`OnlyRust`] that is so while the side tables are there, and [`incomplete()`] waits for
/// the section before they go.
pub(crate) struct Complete<'r>(PhantomData<&'r rcu::Guard>);

/// Whether all groups are in the index, and stay there for the length of the section. Any context.
pub(crate) fn complete_during(_rcu: &rcu::Guard) -> Option<Complete<'_>> {
    // INVARIANT: The section began before anybody could wait for it.
    is_complete().then_some(Complete(PhantomData))
}

/// All groups have been added.
pub(crate) fn complete(_rust: OnlyRust) {
    COMPLETE.store(true, Release);
}

/// The lists may have changed without the index. Any context.
pub(crate) fn doubt() {
    COMPLETE.store(false, Release);
}

/// Groups are about to leave the index. Sleeps until no reader relies on its completeness.
pub(crate) fn incomplete() {
    doubt();
    rcu::synchronize_rcu();
}

face! {
    /// A group in the index, for the length of an RCU read section.
    ///
    /// # Invariants
    ///
    /// Namespace, device, address and number never change. `listed` and `newer` are null or have a reference to
    /// what they point to.
    Entry(bindings::anycast6_entry)
}

impl Entry {
    /// The group on the list, [`None`] while it is dormant.
    pub(crate) fn listed<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r Acaddr> {
        // SAFETY: The entry is alive. It had a reference to the group when the RCU read section began, or got one
        // since; a group is freed an RCU grace period after its last.
        unsafe { Acaddr::from_nullable(bindings::anycast6_helper_entry_listed(self.as_ptr())) }
    }

    /// The device that the group is on.
    pub(crate) fn device<'r>(&self, _rcu: &'r rcu::Guard) -> &'r NetDevice {
        // SAFETY: The entry is alive, its device never changes, and was there when the entry was found: a
        // device's groups leave the index before it goes, an RCU grace period later.
        unsafe { NetDevice::from_raw((*self.as_ptr()).dev) }
    }

    /// The group's slot on its device.
    pub(crate) fn slot(&self) -> usize {
        read_once!(self, slot)
    }

    /// Whether the group has holders taken over from C, as of some moment.
    pub(crate) fn has_adopted(&self) -> bool {
        read_once!(self, adopted)
    }

    /// Whether the group should have a route in the export table, as of some moment.
    pub(crate) fn is_exported(&self) -> bool {
        read_once!(self, exported)
    }

    /// Whether the group is on the device of `groups`.
    fn is_under(&self, groups: &LockedGroups<'_>) -> bool {
        read_once!(self, dev) == groups.idev.device().as_ptr()
    }

    /// The newer neighbour on the list, [`None`] for the newest of all. `groups` are the group's
    /// device's.
    pub(super) fn newer<'g>(&self, groups: &'g LockedGroups<'_>) -> Option<&'g Acaddr> {
        if !self.is_under(groups) {
            return None;
        }
        // SAFETY: The entry has a reference to it until that is changed, under the lock of `groups`. A group is
        // freed an RCU grace period after its last, and so not before the lock, bottom halves off, is given back.
        unsafe { Acaddr::from_nullable((*self.as_ptr()).newer) }
    }

    /// The group is now listed as `listed`, or no longer listed, after `newer`. `groups` are its
    /// device's.
    pub(super) fn set_place(
        &self,
        listed: Option<&Acaddr>,
        newer: Option<&Acaddr>,
        groups: &LockedGroups<'_>,
    ) {
        if self.is_under(groups) {
            let new = reference(listed);
            // SAFETY: The entry is alive, and the lock keeps other writers out. It had a reference to the old one.
            unsafe {
                give_back(bindings::anycast6_helper_entry_replace_listed(
                    self.as_ptr(),
                    new,
                ));
            }
            self.set_newer(newer, groups);
        }
    }

    /// `newer` is now the newer neighbour on the list. `groups` are the group's device's.
    pub(super) fn set_newer(&self, newer: Option<&Acaddr>, groups: &LockedGroups<'_>) {
        if self.is_under(groups) {
            let new = reference(newer);
            // SAFETY: The entry is alive, and the lock keeps others out. It had a reference to the old one.
            unsafe { give_back((&raw mut (*self.as_ptr()).newer).replace(new)) }
        }
    }
}

/// The pointer to `group`, with a reference.
fn reference(group: Option<&Acaddr>) -> *mut bindings::ifacaddr6 {
    group.map_or(null_mut(), |group| {
        ARef::into_raw(ARef::from(group)).as_ptr().cast()
    })
}

/// Drops the reference of a pointer.
///
/// # Safety
///
/// `group` is null, or has a reference that the caller passes on.
unsafe fn give_back(group: *mut bindings::ifacaddr6) {
    if let Some(group) = NonNull::new(group) {
        // SAFETY: The caller passes on a reference.
        drop(unsafe { ARef::<Acaddr>::from_raw(group.cast()) });
    }
}

/// A group's entry in the index, until dropped.
///
/// # Invariants
///
/// The entry is in both hashes.
pub(crate) struct Indexed(NonNull<bindings::anycast6_entry>);

// SAFETY: All its methods may be called from any task.
unsafe impl Send for Indexed {}

impl Indexed {
    /// Adds the group `addr` of `device` in `slot`, dormant. Sleeps. Fails with `ENOMEM`.
    ///
    /// The device and its namespace outlive the entry: a device's groups go before it does.
    pub(crate) fn new(
        device: &NetDevice,
        addr: &Ipv6Addr,
        slot: usize,
        flags: Flags,
    ) -> Result<Self> {
        let mut entry = zeroed::<bindings::anycast6_entry>(flags)?;
        entry.net = device.net().as_ptr();
        entry.addr = to_kernel(addr);
        entry.dev = device.as_ptr();
        entry.slot = slot;
        let (by_device, by_net) = (HASHES.by_device.get(), HASHES.by_net.get());
        // SAFETY: The hash is initialised, by the invariant of `Hashes`.
        to_result(unsafe { bindings::anycast6_helper_index_add_device(by_device, &mut *entry) })
            .map_err(|_| ENOMEM)?;
        let entry = NonNull::from(KBox::leak(entry));
        // SAFETY: The hashes are initialised, by the invariant of `Hashes`. What look-ups may have seen by now has
        // to wait for them.
        unsafe {
            let added = bindings::anycast6_helper_index_add_net(by_net, entry.as_ptr());
            to_result(added).map_err(|_| {
                bindings::anycast6_helper_index_del_device(by_device, entry.as_ptr());
                bindings::anycast6_helper_entry_free(entry.as_ptr());
                ENOMEM
            })?;
        }
        // A group that C has listed may not have been counted as a change of the listing.
        device.net().listing().changed();
        // INVARIANT: It has just been entered in both.
        Ok(Self(entry))
    }

    /// The group is on the list already, as `listed`, after `newer`. `groups` are its device's.
    pub(crate) fn adopt(&self, listed: &Acaddr, newer: Option<&Acaddr>, groups: &LockedGroups<'_>) {
        self.set_place(Some(listed), newer, groups);
    }

    /// Records whether the group has holders taken over from C.
    pub(crate) fn set_adopted(&mut self, adopted: bool) {
        // SAFETY: The entry is in the hashes, so it is alive. A reader at this moment takes no harm from a volatile
        // write.
        unsafe { (&raw mut (*self.0.as_ptr()).adopted).write_volatile(adopted) }
    }

    /// Records whether the group should have a route in the export table.
    pub(crate) fn set_exported(&mut self, exported: bool) {
        // SAFETY: The entry is in the hashes, so it is alive. A reader at this moment takes no harm from a volatile
        // write.
        unsafe { (&raw mut (*self.0.as_ptr()).exported).write_volatile(exported) }
    }
}

impl Deref for Indexed {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        // SAFETY: The entry is in the hashes, so it is alive.
        unsafe { Entry::from_raw(self.0.as_ptr()) }
    }
}

impl Drop for Indexed {
    fn drop(&mut self) {
        let entry = self.0.as_ptr();
        // SAFETY: The entry is in both hashes; look-ups that still see it are waited for. Nobody lists the group of
        // an entry that goes, so nobody else writes to it.
        unsafe {
            let (listed, newer) = ((*entry).listed, (*entry).newer);
            bindings::anycast6_helper_index_del_device(HASHES.by_device.get(), entry);
            bindings::anycast6_helper_index_del_net(HASHES.by_net.get(), entry);
            bindings::anycast6_helper_entry_free(entry);
            give_back(listed);
            give_back(newer);
        }
    }
}

/// The group `addr` of `device`. Any context.
pub(crate) fn on_device<'r>(
    device: &NetDevice,
    addr: &Ipv6Addr,
    _rcu: &'r rcu::Guard,
) -> Option<&'r Entry> {
    let key = bindings::anycast6_device_key {
        addr: to_kernel(addr),
        dev: device.as_ptr(),
    };
    // SAFETY: The hash is initialised, by the invariant of `Hashes`; the RCU read lock is held.
    unsafe {
        Entry::from_nullable(bindings::anycast6_helper_index_on_device(
            HASHES.by_device.get(),
            &key,
        ))
    }
}

/// The groups `addr` on all devices of `net`. Any context.
pub(crate) fn in_net<'r>(
    net: &Net,
    addr: &Ipv6Addr,
    _rcu: &'r rcu::Guard,
) -> impl Iterator<Item = &'r Entry> {
    let key = bindings::anycast6_net_key {
        net: net.as_ptr(),
        addr: to_kernel(addr),
    };
    // SAFETY: The hash is initialised, by the invariant of `Hashes`; the RCU read lock is held.
    let first = unsafe {
        Entry::from_nullable(bindings::anycast6_helper_index_in_net(
            HASHES.by_net.get(),
            &key,
        ))
    };
    successors(first, |entry| {
        // SAFETY: The entry is alive and the RCU read lock is held.
        unsafe { Entry::from_nullable(bindings::anycast6_helper_index_next(entry.as_ptr())) }
    })
}
