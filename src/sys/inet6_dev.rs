// SPDX-License-Identifier: GPL-2.0

//! The IPv6 state of a network device.
//!
//! C header: `include/net/if_inet6.h`

use super::{
    ac_list::LockedGroups,
    acaddr::Acaddr,
    addr::to_kernel,
    net_device::NetDevice, //
};
use crate::{
    bindings,
    takeover::symbols, //
};
use core::{
    iter::successors,
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    sync::{
        aref::AlwaysRefCounted,
        rcu, //
    },
    types::Opaque,
};

/// `struct inet6_dev`.
///
/// # Invariants
///
/// Whoever has a reference to this type has one to the object, by its count or by RCU. The object
/// holds its device for as long as it lives itself.
#[repr(transparent)]
pub(crate) struct Inet6Dev(Opaque<bindings::inet6_dev>);

// SAFETY: `in6_dev_hold()` and `in6_dev_put()` count the references that keep the object alive.
unsafe impl AlwaysRefCounted for Inet6Dev {
    fn inc_ref(&self) {
        // SAFETY: The object is alive.
        unsafe { bindings::anycast6_helper_in6_dev_hold(self.as_ptr()) }
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives back a reference that it has.
        unsafe { bindings::anycast6_helper_in6_dev_put(obj.as_ptr().cast()) }
    }
}

impl Inet6Dev {
    /// The face of `ptr`.
    ///
    /// # Safety
    ///
    /// `ptr` is a device's IPv6 state that stays alive for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::inet6_dev) -> &'a Self {
        // SAFETY: As above; `Self` is a transparent `Opaque`.
        // INVARIANT: The caller promises it for `'a`.
        unsafe { &*ptr.cast() }
    }

    /// The kernel's pointer.
    pub(crate) fn as_ptr(&self) -> *mut bindings::inet6_dev {
        self.0.get()
    }

    /// The device that this is the IPv6 state of.
    pub(crate) fn device(&self) -> &NetDevice {
        // SAFETY: By the invariant, the object holds its device.
        unsafe { NetDevice::from_raw(bindings::anycast6_helper_idev_dev(self.as_ptr())) }
    }

    /// Is `net.ipv6.conf.<device>.forwarding` set?
    pub(crate) fn forwards(&self) -> bool {
        // SAFETY: The object is alive.
        unsafe { bindings::anycast6_helper_idev_forwards(self.as_ptr()) }
    }

    /// Takes `idev->lock` for writing, bottom halves off, over the anycast groups.
    pub(crate) fn lock_groups(&self) -> LockedGroups<'_> {
        LockedGroups::lock(self)
    }

    /// The anycast groups, youngest first, as an RCU reader sees them.
    pub(crate) fn groups<'r>(&self, rcu: &'r rcu::Guard) -> impl Iterator<Item = &'r Acaddr> {
        // SAFETY: The object is alive and the RCU read lock is held.
        let first = unsafe { bindings::anycast6_helper_ac_list_rcu(self.as_ptr()) };
        // SAFETY: A group on the list is freed an RCU grace period after it has left it.
        let first = NonNull::new(first).map(|aca| unsafe { Acaddr::from_raw(aca.as_ptr()) });
        successors(first, |group| group.next(rcu))
    }

    /// Joins the solicited-node multicast group of `addr` (RFC 4291, section 2.7.1).
    ///
    /// Sleeps: process context.
    pub(crate) fn join_solicited_node(&self, addr: &Ipv6Addr) {
        let join = symbols::addrconf_join_solict();
        // SAFETY: Object and device are alive, and the address is read during the call only.
        unsafe { join(self.device().as_ptr(), &to_kernel(addr)) }
    }

    /// Leaves the solicited-node multicast group of `addr`.
    ///
    /// Sleeps: process context.
    pub(crate) fn leave_solicited_node(&self, addr: &Ipv6Addr) {
        let leave = symbols::addrconf_leave_solict();
        // SAFETY: The object is alive, and the address is read during the call only.
        unsafe { leave(self.as_ptr(), &to_kernel(addr)) }
    }
}
