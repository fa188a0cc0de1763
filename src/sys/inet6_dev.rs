// SPDX-License-Identifier: GPL-2.0

//! The IPv6 state of a network device.
//!
//! C header: `include/net/if_inet6.h`

use super::{
    addr::{
        from_kernel,
        to_kernel, //
    },
    face::Face,
    inet6_ifaddr::IfAddr,
    net_device::NetDevice,
    rtnl::Rtnl, //
};
use crate::{
    bindings::{
        self,
        symbols, //
    },
    decide::addr::solicited_node, //
};
use core::{
    iter::successors,
    net::Ipv6Addr, //
};
use kernel::{
    error::to_result,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        rcu, //
    },
};

face! {
    /// `struct inet6_dev`.
    ///
    /// # Invariants
    ///
    /// The object holds its device for as long as it lives itself.
    Inet6Dev(bindings::inet6_dev)
}

counted!(
    Inet6Dev,
    bindings::anycast6_helper_in6_dev_hold,
    bindings::anycast6_helper_in6_dev_put
);

impl Inet6Dev {
    /// The device of this IPv6 state.
    pub(crate) fn device(&self) -> &NetDevice {
        // SAFETY: The object holds its device.
        unsafe { NetDevice::from_raw(bindings::anycast6_helper_idev_dev(self.as_ptr())) }
    }

    /// Whether `net.ipv6.conf.<device>.forwarding` is set.
    pub(crate) fn forwards(&self) -> bool {
        // SAFETY: The object is alive.
        unsafe { bindings::anycast6_helper_idev_forwards(self.as_ptr()) }
    }

    /// Whether the host can answer for groups here: the device is up, IPv6 is neither gone nor
    /// disabled, and the device is not a port whose packets go to another device.
    pub(crate) fn carries(&self) -> bool {
        // SAFETY: The object is alive.
        let dead = unsafe { bindings::anycast6_helper_idev_dead(self.as_ptr()) };
        let disabled = dead || self.ipv6_disabled().load(Relaxed) != 0;
        !disabled && self.device().is_up() && !self.device().is_port()
    }

    /// `net.ipv6.conf.<device>.disable_ipv6`.
    pub(crate) fn ipv6_disabled(&self) -> &Atomic<i32> {
        // SAFETY: The object is alive, and nobody touches the number but without tearing.
        unsafe { Atomic::from_ptr(bindings::anycast6_helper_idev_disable_ipv6(self.as_ptr())) }
    }

    /// The unicast addresses.
    pub(crate) fn addresses<'r>(
        &'r self,
        _rcu: &'r rcu::Guard,
    ) -> impl Iterator<Item = &'r IfAddr> {
        // SAFETY: The object is alive and the RCU read lock is held. An address on the list is freed an RCU grace
        // period after it has left it.
        let first = unsafe {
            IfAddr::from_nullable(bindings::anycast6_helper_idev_first_ifaddr_rcu(
                self.as_ptr(),
            ))
        };
        successors(first, |ifaddr| {
            // SAFETY: Both are alive and the RCU read lock is held, for which the next one stays, too.
            unsafe {
                IfAddr::from_nullable(bindings::anycast6_helper_idev_next_ifaddr_rcu(
                    self.as_ptr(),
                    ifaddr.as_ptr(),
                ))
            }
        })
    }

    /// The number of addresses that need the subnet-router anycast `addr`.
    pub(crate) fn needing(&self, addr: &Ipv6Addr) -> u32 {
        if !self.forwards() {
            return 0;
        }
        let rcu = rcu::read_lock();
        let needy = self
            .addresses(&rcu)
            .filter(|unicast| unicast.get().needs(addr));
        needy.fold(0, |count, _| count + 1)
    }

    /// Restores the route of the unicast address `addr`, which a group's route may have kept out.
    pub(crate) fn restore_route(&self, addr: &Ipv6Addr, rtnl: &Rtnl) {
        let rcu = rcu::read_lock();
        let mut unicasts = self.addresses(&rcu);
        if let Some(unicast) = unicasts.find(|unicast| unicast.get().addr == *addr) {
            unicast.restore_route(self.device().net(), rtnl);
        }
    }

    /// Joins the solicited-node multicast group of `addr`, if the device has neighbours that
    /// solicit. Returns whether it did; only then it has to be left.
    ///
    /// Sleeps: process context. Fails with `ENOMEM`, or `ENODEV` when IPv6 is leaving the device.
    pub(crate) fn join_solicited_node(&self, addr: &Ipv6Addr) -> Result<bool> {
        let device = self.device();
        if !device.solicits() {
            return Ok(false);
        }
        let group = to_kernel(&solicited_node(addr));
        // SAFETY: The device is alive, and the address is read during the call only.
        to_result(unsafe { bindings::ipv6_dev_mc_inc(device.as_ptr(), &group) })?;
        Ok(true)
    }

    /// Leaves the solicited-node multicast group of `addr`, once for each time that it was joined,
    /// even if the device has no soliciting neighbours now.
    ///
    /// Sleeps: process context.
    pub(crate) fn leave_solicited_node(&self, addr: &Ipv6Addr) {
        let leave = symbols::__ipv6_dev_mc_dec();
        // What has been joined is there, so this does not fail.
        // SAFETY: The object is alive, and the address is read during the call only.
        let _ = unsafe { leave(self.as_ptr(), &to_kernel(&solicited_node(addr))) };
    }

    /// The multicast groups that the host has joined here, and the number of users of each.
    pub(crate) fn multicast_users<'r>(
        &'r self,
        _rcu: &'r rcu::Guard,
    ) -> impl Iterator<Item = (Ipv6Addr, u32)> + 'r {
        // SAFETY: The object is alive and the RCU read lock is held.
        let first = unsafe { bindings::anycast6_helper_mc_list_rcu(self.as_ptr()).as_ref() };
        // SAFETY: A group on the list is freed an RCU grace period after it has left it.
        let next = |mc: &&'r bindings::ifmcaddr6| unsafe {
            bindings::anycast6_helper_mc_next_rcu(*mc).as_ref()
        };
        successors(first, next).map(|mc| {
            // SAFETY: The group is alive. A writer at this moment does no harm to a volatile read.
            let users = unsafe { (&raw const mc.mca_users).read_volatile() };
            (from_kernel(&mc.mca_addr), users.unsigned_abs())
        })
    }
}
