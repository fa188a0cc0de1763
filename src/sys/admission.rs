// SPDX-License-Identifier: GPL-2.0

//! Implements the queries of admission for a network namespace.

use super::{
    inet6_dev::Inet6Dev,
    inet6_ifaddr::IfAddr,
    net::Net,
    net_device::NetDevice, //
};
use crate::decide::admission::{
    Kernel, //
    Policy,
};
use core::net::Ipv6Addr;
use kernel::sync::{
    aref::ARef,
    rcu, //
};

impl Kernel for Net {
    type Device = ARef<NetDevice>;
    type Interface = ARef<Inet6Dev>;

    fn privileged(&self) -> bool {
        self.admin_capable()
    }

    fn device(&self, ifindex: i32) -> Option<Self::Device> {
        Net::device(self, ifindex)
    }

    fn is_own(&self, addr: &Ipv6Addr, device: Option<&Self::Device>) -> bool {
        self.is_own_address(addr, device.map(|device| &**device))
    }

    fn forwards(&self) -> bool {
        Net::forwards(self)
    }

    fn route_device(&self, addr: &Ipv6Addr) -> Option<Self::Device> {
        Net::route_device(self, addr)
    }

    fn any_device(&self) -> Option<Self::Device> {
        let rcu = rcu::read_lock();
        let device = self
            .devices(&rcu)
            .find(|device| device.is_up_no_loopback())?;
        Some(device.into())
    }

    fn interface(&self, device: &Self::Device) -> Option<Self::Interface> {
        device.ipv6()
    }

    fn interface_forwards(&self, interface: &Self::Interface) -> bool {
        interface.forwards()
    }

    fn policy(&self) -> Policy {
        self.settings().policy()
    }

    fn on_prefix(
        &self,
        addr: &Ipv6Addr,
        interface: &Self::Interface,
        accepts: impl Fn(u32) -> bool,
    ) -> bool {
        let rcu = rcu::read_lock();
        let mut unicasts = interface.addresses(&rcu).map(IfAddr::get);
        unicasts.any(|unicast| unicast.covers(addr) && accepts(unicast.prefix_len))
    }
}
