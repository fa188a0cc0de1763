// SPDX-License-Identifier: GPL-2.0

//! Network namespaces.
//!
//! C header: `include/net/net_namespace.h`

use super::{
    addr::to_kernel,
    face::Face,
    net_device::NetDevice,
    rtnl::Rtnl, //
};
use crate::bindings;
use core::{
    iter::successors,
    net::Ipv6Addr,
    ptr::{
        null,
        null_mut,
        NonNull, //
    },
};
use kernel::sync::{
    aref::ARef,
    atomic::Atomic,
    rcu, //
};

/// The identity of a namespace: its address, unique while it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity(usize);

face! {
    /// `struct net`.
    ///
    /// # Invariants
    ///
    /// The namespace has what is ours, initialised (see [`pernet`](super::pernet)).
    Net(bindings::net)
}

/// Whether another line may be written to the log by the limit of the networking code
/// (`net.core.message_burst`). Any context.
pub(crate) fn may_log() -> bool {
    // SAFETY: The call has no preconditions.
    unsafe { bindings::anycast6_helper_net_ratelimit() }
}

impl Net {
    /// The identity of this namespace.
    pub(crate) fn identity(&self) -> Identity {
        Identity(self.as_ptr().addr())
    }

    /// Whether it is the initial namespace.
    pub(crate) fn is_first(&self) -> bool {
        self.as_ptr() == &raw mut bindings::init_net
    }

    /// Whether the current task has `CAP_NET_ADMIN` in the user namespace that owns this namespace.
    pub(crate) fn admin_capable(&self) -> bool {
        // SAFETY: The namespace is alive.
        unsafe { bindings::anycast6_helper_net_admin(self.as_ptr()) }
    }

    /// Whether `net.ipv6.conf.all.forwarding` is set.
    pub(crate) fn forwards(&self) -> bool {
        // SAFETY: The namespace is alive.
        unsafe { bindings::anycast6_helper_net_forwards(self.as_ptr()) }
    }

    /// `net.ipv6.conf.all.disable_ipv6`.
    pub(crate) fn ipv6_disabled_in_all(&self) -> &Atomic<i32> {
        // SAFETY: The namespace is alive, and nobody touches the number but without tearing.
        unsafe {
            Atomic::from_ptr(bindings::anycast6_helper_net_all_disable_ipv6(
                self.as_ptr(),
            ))
        }
    }

    /// `net.ipv6.conf.default.disable_ipv6`, for new devices.
    pub(crate) fn ipv6_disabled_in_new(&self) -> &Atomic<i32> {
        // SAFETY: The namespace is alive, and nobody touches the number but without tearing.
        unsafe {
            Atomic::from_ptr(bindings::anycast6_helper_net_dflt_disable_ipv6(
                self.as_ptr(),
            ))
        }
    }

    /// The device with index `ifindex`.
    pub(crate) fn device(&self, ifindex: i32) -> Option<ARef<NetDevice>> {
        // SAFETY: The namespace is alive.
        let ptr = unsafe { bindings::dev_get_by_index(self.as_ptr(), ifindex) };
        // SAFETY: A device that is found comes with a reference, which the `ARef` takes over.
        NonNull::new(ptr).map(|dev| unsafe { ARef::from_raw(dev.cast()) })
    }

    /// All devices, in the order of their creation, for RCU readers.
    pub(crate) fn devices<'r>(&self, rcu: &'r rcu::Guard) -> impl Iterator<Item = &'r NetDevice> {
        // SAFETY: The namespace is alive, and `rcu` shows that the RCU read lock is held, which a device on the
        // list outlives.
        let first = unsafe {
            NetDevice::from_nullable(bindings::anycast6_helper_first_dev_rcu(self.as_ptr()))
        };
        successors(first, |dev| dev.next(rcu))
    }

    /// All devices, in the same order, for as long as RTNL is held.
    pub(crate) fn devices_under<'r>(&self, rtnl: &'r Rtnl) -> impl Iterator<Item = &'r NetDevice> {
        // SAFETY: The namespace is alive, and `rtnl` shows that RTNL is held, under which no device leaves the list.
        let first =
            unsafe { NetDevice::from_nullable(bindings::anycast6_helper_first_dev(self.as_ptr())) };
        successors(first, |dev| dev.next_under(rtnl))
    }

    /// Whether `addr` is a unicast address of this namespace, tentative or not. Only devices in the
    /// VRF of `device` count, or those in no VRF if `device` is in none or [`None`].
    pub(crate) fn is_own_address(&self, addr: &Ipv6Addr, device: Option<&NetDevice>) -> bool {
        let dev = device.map_or(null_mut(), NetDevice::as_ptr);
        // SAFETY: Namespace and device are alive, and the address is read during the call only.
        let found = unsafe {
            bindings::ipv6_chk_addr_and_flags(self.as_ptr(), &to_kernel(addr), dev, true, 0, 0)
        };
        found != 0
    }

    /// The device by which packets to `addr` leave.
    pub(crate) fn route_device(&self, addr: &Ipv6Addr) -> Option<ARef<NetDevice>> {
        let addr = to_kernel(addr);
        let _rcu = rcu::read_lock();
        // SAFETY: The namespace is alive, and the address is read during the call only.
        let route = unsafe { bindings::rt6_lookup(self.as_ptr(), &addr, null(), 0, null(), 0) };
        let route = NonNull::new(route)?;
        // SAFETY: The look-up took a reference to the route, which is given back once the device has one of ours.
        // The RCU read lock is held, which the device of a route outlives.
        unsafe {
            let dev = bindings::anycast6_helper_rt6_dev_rcu(route.as_ptr());
            let device = NetDevice::from_nullable(dev).map(ARef::from);
            bindings::anycast6_helper_rt6_put(route.as_ptr());
            device
        }
    }
}

impl PartialEq for Net {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}
