// SPDX-License-Identifier: GPL-2.0

//! An anycast address of a device: a group, as the kernel keeps it.
//!
//! C header: `include/net/if_inet6.h`

use super::list_lock::LockedGroups;
use crate::{
    bindings,
    decide::users::Users,
    sys::{
        addr::{
            from_kernel,
            to_kernel, //
        },
        face::Face,
        inet6_dev::Inet6Dev,
        memory::{
            zeroed, //
            UNCHARGED,
        },
        net_device::NetDevice,
        route::Route, //
    },
};
use core::{
    iter::successors,
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    alloc::Flags,
    prelude::*,
    sync::{
        aref::{
            ARef,
            AlwaysRefCounted, //
        },
        rcu, //
    },
};

face! {
    /// `struct ifacaddr6`.
    ///
    /// # Invariants
    ///
    /// Address and route never change; the object has a reference to its route.
    Acaddr(bindings::ifacaddr6)
}

// SAFETY: All its methods may be called from any task.
unsafe impl Send for Acaddr {}
// SAFETY: All its methods may be called from any task.
unsafe impl Sync for Acaddr {}

// SAFETY: `aca_refcnt` counts the references; the object goes an RCU grace period after the last.
unsafe impl AlwaysRefCounted for Acaddr {
    fn inc_ref(&self) {
        // SAFETY: The object is alive.
        unsafe { bindings::anycast6_helper_aca_get(self.as_ptr()) }
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        let aca: *mut bindings::ifacaddr6 = obj.as_ptr().cast();
        // SAFETY: The caller gives back a reference that it has.
        if unsafe { bindings::anycast6_helper_aca_dec_and_test(aca) } {
            // SAFETY: That was the last one, so nobody else queues this head, and RCU readers are
            // waited for. The module waits for its callbacks before it goes.
            unsafe { bindings::anycast6_helper_aca_call_rcu(aca, Some(free_rcu)) }
        }
    }
}

/// Frees an object whose last reference is gone and that no RCU reader sees any more.
///
/// # Safety
///
/// Only as an RCU callback queued by [`Acaddr::dec_ref`].
unsafe extern "C" fn free_rcu(head: *mut bindings::callback_head) {
    // SAFETY: The head is the field `rcu` of an `ifacaddr6`.
    let aca = unsafe { kernel::container_of!(head, bindings::ifacaddr6, rcu) };
    // SAFETY: C and Rust both allocate these with kmalloc(), and nobody else has this one.
    let aca = unsafe { KBox::from_raw(aca) };
    // SAFETY: The object had a reference to its route.
    drop(unsafe { Route::own(aca.aca_rt) });
}

impl Acaddr {
    /// The anycast address.
    pub(crate) fn addr(&self) -> Ipv6Addr {
        // SAFETY: The object is alive, and its address never changes.
        from_kernel(unsafe { &(*self.as_ptr()).aca_addr })
    }

    /// Sets the number of holders.
    pub(crate) fn set_users(&self, users: Users, _groups: &LockedGroups<'_>) {
        // SAFETY: The group is alive, and `_groups` keeps other writers out. `/proc` reads at any moment, which a
        // volatile write is fair to.
        unsafe { (&raw mut (*self.as_ptr()).aca_users).write_volatile(users.as_raw()) }
    }

    /// The number of holders, as of some moment.
    pub(crate) fn users(&self) -> Users {
        Users::from_raw(read_once!(self, aca_users))
    }

    /// The group's route.
    pub(crate) fn route(&self) -> &Route {
        // SAFETY: The object has a reference to its route, which never changes.
        unsafe { Route::from_raw((*self.as_ptr()).aca_rt) }
    }

    /// The device that the group is on.
    pub(crate) fn device<'r>(&self, rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
        self.route().device(rcu)
    }

    /// The next older group of the same device.
    pub(crate) fn next<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r Acaddr> {
        // SAFETY: The object is alive and the RCU read lock is held. A group on the list is freed an RCU grace
        // period after it has left it.
        unsafe { Acaddr::from_nullable(bindings::anycast6_helper_aca_next_rcu(self.as_ptr())) }
    }
}

/// A group that is on no device's list: not yet, or no longer.
///
/// Has both references to the route that a listed group has: one is dropped when the route is
/// deleted, one with the group.
pub(crate) struct Unlisted {
    group: ARef<Acaddr>,
    route: ARef<Route>,
    used: Used,
}

/// The state of a group's route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    /// It has never been in its table.
    Not,
    /// It has left its table.
    Once,
    /// It has left its table, and its cached entries are being dropped.
    Dropped,
}

impl Unlisted {
    /// A group with one holder, ready to be listed on `idev`. Fails with `ENOMEM`, or with `EACCES`
    /// when IPv6 is disabled on the device.
    ///
    /// Sleeps: process context, no lock held that forbids it.
    pub(crate) fn new(idev: &Inet6Dev, addr: &Ipv6Addr, flags: Flags) -> Result<Self> {
        let route = Route::new_anycast(idev, addr, flags)?;
        let aca = KBox::leak(zeroed::<bindings::ifacaddr6>(flags)?);
        aca.aca_addr = to_kernel(addr);
        aca.aca_users = Users::FIRST.as_raw();
        // INVARIANT: The reference to the route goes to the new object.
        aca.aca_rt = ARef::into_raw(route.clone()).as_ptr().cast();
        // SAFETY: The object is ours alone, and gets its first reference, which the `ARef` takes over.
        let group = unsafe {
            bindings::anycast6_helper_aca_init(aca);
            ARef::from_raw(NonNull::from(aca).cast())
        };
        Ok(Self {
            group,
            route,
            used: Used::Not,
        })
    }

    /// Makes the group ready to be listed on `idev`, with a route that has never been in a table,
    /// for the device's current table. Sleeps, like [`Unlisted::new()`].
    ///
    /// Fails as [`Unlisted::new()`] does; nothing has changed then.
    pub(crate) fn refresh(&mut self, idev: &Inet6Dev) -> Result {
        if self.used != Used::Not || self.route.table() != idev.device().local_table() {
            *self = Self::new(idev, &self.group.addr(), UNCHARGED)?;
        }
        Ok(())
    }

    /// The group, whose route has left its table, is kept for long: drops the route's cached
    /// entries, which hold references to devices. Any context.
    pub(crate) fn keep(&mut self) {
        if self.used == Used::Once {
            self.used = Used::Dropped;
            // SAFETY: We made the route, or C as we do, and it has left its table. Here it comes by but once:
            // if it returns to the table at all, that is when groups are handed back, which waits.
            unsafe { Route::drop_cache_later(self.route.clone()) }
        }
    }

    /// The group.
    pub(crate) fn group(&self) -> &Acaddr {
        &self.group
    }

    /// The group's route.
    pub(crate) fn route(&self) -> &ARef<Route> {
        &self.route
    }

    /// A group that has just been taken off its list.
    ///
    /// # Safety
    ///
    /// The caller has taken `aca` off a device's list and passes on the references of the list.
    pub(crate) unsafe fn from_delisted(aca: NonNull<bindings::ifacaddr6>) -> Self {
        // SAFETY: The list had a reference to the group, and one to the group's route.
        unsafe {
            Self {
                group: ARef::from_raw(aca.cast()),
                route: Route::own(aca.as_ref().aca_rt),
                used: Used::Once,
            }
        }
    }

    /// The references for a list that the group is being put on, and another one for the caller.
    ///
    /// The pointer stands for the list's reference to the group and one to its route, which
    /// [`Unlisted::from_delisted()`] takes over again.
    pub(super) fn for_list(&self) -> (NonNull<bindings::ifacaddr6>, ARef<Acaddr>) {
        let _ = ARef::into_raw(self.route.clone());
        let aca = ARef::into_raw(self.group.clone()).cast();
        (aca, self.group.clone())
    }
}

impl Inet6Dev {
    /// The anycast groups, newest first, for RCU readers.
    pub(crate) fn groups<'r>(&self, rcu: &'r rcu::Guard) -> impl Iterator<Item = &'r Acaddr> {
        // SAFETY: The object is alive and the RCU read lock is held. A group on the list is freed an RCU grace
        // period after it has left it.
        let first =
            unsafe { Acaddr::from_nullable(bindings::anycast6_helper_ac_list_rcu(self.as_ptr())) };
        successors(first, |group| group.next(rcu))
    }
}
