// SPDX-License-Identifier: GPL-2.0

//! Network devices.
//!
//! C header: `include/linux/netdevice.h`

use super::{
    addr::to_kernel,
    face::Face,
    inet6_dev::Inet6Dev,
    net::Net,
    rtnl::Rtnl, //
};
use crate::bindings;
use core::{
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    fmt,
    prelude::*,
    str::BStr,
    sync::{
        aref::ARef,
        rcu, //
    },
};

const NAME_SIZE: usize = bindings::IFNAMSIZ as usize;

/// The name of a device: any bytes but blanks and slashes.
pub(crate) struct Name([u8; NAME_SIZE]);

impl Name {
    /// The bytes of the name.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        CStr::from_bytes_until_nul(&self.0).map_or(&self.0, CStr::to_bytes)
    }
}

/// The identity of a device object: its address, unique while it exists. Names and indices may
/// change or be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity(usize);

impl Identity {
    /// The least one.
    pub(crate) const FIRST: Self = Self(0);

    /// The least one after this, whether a device has it or not.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A VRF, or the domain of all devices in no VRF. Global addresses are valid in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Domain(i32);

impl Domain {
    /// The domain of sockets without a device, and of devices in no VRF.
    pub(crate) const MAIN: Self = Self(0);
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(BStr::from_bytes(self.as_bytes()), f)
    }
}

face! {
    /// `struct net_device`.
    ///
    /// # Invariants
    ///
    /// The namespace that the device is in outlives the use of this: whoever has one also has RTNL, the RCU read
    /// lock, a socket of the namespace, or a lock that has to be taken before the device can leave it.
    NetDevice(bindings::net_device)
}

counted!(
    NetDevice,
    bindings::anycast6_helper_dev_hold,
    bindings::anycast6_helper_dev_put
);

impl NetDevice {
    /// The identity of this object.
    pub(crate) fn identity(&self) -> Identity {
        Identity(self.as_ptr().addr())
    }

    /// The index of the device, never zero.
    pub(crate) fn ifindex(&self) -> i32 {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_ifindex(self.as_ptr()) }
    }

    /// The name of the device, which may be changing at this moment.
    pub(crate) fn name(&self) -> Name {
        let mut name = Name([0; NAME_SIZE]);
        // SAFETY: The device is alive, and the buffer as large as a name can be.
        unsafe { bindings::anycast6_helper_dev_name(self.as_ptr(), name.0.as_mut_ptr()) };
        name
    }

    /// The network namespace of the device.
    ///
    /// A device leaves its namespace under RTNL, after all who listen have been told, before that is freed. What
    /// is freed outlives an RCU read section.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The device is alive, and so is its namespace, by the invariant of `NetDevice`.
        unsafe { Net::from_raw(bindings::anycast6_helper_dev_net(self.as_ptr())) }
    }

    /// Whether the device is administratively up.
    pub(crate) fn is_up(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_up(self.as_ptr()) }
    }

    /// Whether the kernel attributes packets that arrive by the device to another one: the device
    /// is a port of a bridge, an Open vSwitch, a bond or a team, or addrconf ignores it like a
    /// failover port.
    ///
    /// Solicitations arrive by the other device then, and are not answered. A device becomes a port
    /// while it is down, or with a change of its upper devices.
    pub(crate) fn is_port(&self) -> bool {
        let _rcu = rcu::read_lock();
        // SAFETY: The device is alive, and its upper device outlives the RCU read section.
        unsafe {
            let master = bindings::netdev_master_upper_dev_get_rcu(self.as_ptr());
            bindings::anycast6_helper_dev_no_addrconf(self.as_ptr())
                || !master.is_null()
                    && (bindings::anycast6_helper_dev_is_bridge(master)
                        || bindings::anycast6_helper_dev_is_lag(master))
        }
    }

    /// The L3 domain of the device: the ifindex of its VRF (its own if it is a VRF), or zero.
    pub(crate) fn domain(&self) -> Domain {
        // SAFETY: The device is alive.
        Domain(unsafe { bindings::anycast6_helper_dev_l3_master(self.as_ptr()) })
    }

    /// Whether the device has neighbours that solicit. Changes with `arp on` and `arp off`.
    pub(crate) fn solicits(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_solicits(self.as_ptr()) }
    }

    /// The table of the routes to the host's own addresses on this device: local, or the VRF's.
    pub(crate) fn local_table(&self) -> u32 {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_local_table(self.as_ptr()) }
    }

    /// Whether `addr` is a unicast address of this very device, tentative or not.
    pub(crate) fn has_address(&self, addr: &Ipv6Addr) -> bool {
        let (net, addr) = (self.net().as_ptr(), to_kernel(addr));
        // SAFETY: Namespace and device are alive, and the address is read during the call only.
        let found =
            unsafe { bindings::ipv6_chk_addr_and_flags(net, &addr, self.as_ptr(), false, 1, 0) };
        found != 0
    }

    /// Whether the device is up and not a loopback.
    pub(crate) fn is_up_no_loopback(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_up_no_loopback(self.as_ptr()) }
    }

    /// The device's IPv6 state, [`None`] where IPv6 is off or gone.
    pub(crate) fn ipv6(&self) -> Option<ARef<Inet6Dev>> {
        // SAFETY: The device is alive.
        let idev = unsafe { bindings::anycast6_helper_in6_dev_get(self.as_ptr()) };
        // SAFETY: What is found comes with a reference, which the `ARef` takes over.
        NonNull::new(idev).map(|idev| unsafe { ARef::from_raw(idev.cast()) })
    }

    /// The device's IPv6 state for the length of an RCU read section.
    pub(crate) fn ipv6_rcu<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r Inet6Dev> {
        // SAFETY: The device is alive and the RCU read lock is held, which IPv6 state that it points to outlives.
        unsafe { Inet6Dev::from_nullable(bindings::anycast6_helper_in6_dev_rcu(self.as_ptr())) }
    }

    /// The next device of the namespace.
    pub(crate) fn next<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
        // SAFETY: The device is alive and the RCU read lock is held, which a device on the list outlives.
        unsafe { NetDevice::from_nullable(bindings::anycast6_helper_next_dev_rcu(self.as_ptr())) }
    }

    /// The next device, for as long as RTNL is held.
    pub(crate) fn next_under<'r>(&self, _rtnl: &'r Rtnl) -> Option<&'r NetDevice> {
        // SAFETY: The device is alive, and RTNL is held, under which no device leaves the list.
        unsafe { NetDevice::from_nullable(bindings::anycast6_helper_next_dev(self.as_ptr())) }
    }
}
