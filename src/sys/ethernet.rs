// SPDX-License-Identifier: GPL-2.0

//! Sends whole packets by an Ethernet device, to a link-layer address: beside the routes and the
//! neighbour cache of the host, which know the group as the host's own.
//!
//! C headers: `include/linux/netdevice.h`, `include/linux/skbuff.h`

use super::{
    face::Face,
    inet6_dev::Inet6Dev,
    inet6_ifaddr::IfAddr,
    net_device::NetDevice, //
};
use crate::{
    bindings,
    decide::{
        handover::LinkAddr,
        neighbour_message::Sender, //
    },
};
use kernel::{
    prelude::*,
    sync::rcu, //
};

impl NetDevice {
    /// Whether there are neighbours with Ethernet addresses, and the device has not been told to do
    /// without.
    pub(super) fn has_ethernet_neighbours(&self) -> bool {
        // SAFETY: The device is alive.
        self.solicits() && unsafe { bindings::anycast6_helper_dev_is_ethernet(self.as_ptr()) }
    }

    /// Whether a packet would leave: the device runs and has a carrier.
    fn can_send(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { bindings::anycast6_helper_dev_can_send(self.as_ptr()) }
    }

    /// Its link-layer address. For devices with [`NetDevice::has_ethernet_neighbours()`].
    pub(super) fn link_addr(&self) -> LinkAddr {
        let mut addr = LinkAddr::default();
        // SAFETY: The device is alive, and the buffer as large as an Ethernet address.
        unsafe { bindings::anycast6_helper_dev_link_addr(self.as_ptr(), addr.as_mut_ptr()) };
        addr
    }

    /// The addresses to send from. [`None`] when nothing can be sent now: no carrier, or no
    /// link-local address in use yet.
    pub(super) fn sender(&self) -> Option<Sender> {
        let idev = self.ipv6()?;
        let able = self.has_ethernet_neighbours() && self.can_send() && idev.carries();
        let sender = Sender {
            addr: idev.link_local()?,
            link: self.link_addr(),
            router: idev.forwards(),
        };
        able.then_some(sender)
    }

    /// Sends an IPv6 packet to `to`. Process context. Fails with `ENOMEM`, or `EINVAL` when the
    /// device cannot.
    pub(super) fn send(&self, packet: &[u8], to: &LinkAddr) -> Result {
        // SAFETY: The device is alive. The packet is copied.
        let skb = unsafe {
            bindings::anycast6_helper_ipv6_skb(
                self.as_ptr(),
                packet.as_ptr().cast(),
                packet.len() as u32,
            )
        };
        if skb.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The packet is ours until it is sent or freed. It has room for the header of its device, which
        // is alive, and whose addresses are as long as `to` or it refuses.
        unsafe {
            if bindings::anycast6_helper_skb_address(skb, to.as_ptr()) < 0 {
                bindings::anycast6_helper_kfree_skb(skb);
                return Err(EINVAL);
            }
            bindings::anycast6_helper_skb_xmit(skb);
        }
        Ok(())
    }
}

impl Inet6Dev {
    /// A link-local address of the host that may be told to others.
    fn link_local(&self) -> Option<core::net::Ipv6Addr> {
        let rcu = rcu::read_lock();
        let mut usable = self
            .addresses(&rcu)
            .filter(|unicast| unicast.is_decided())
            .map(IfAddr::get);
        let found = usable.find(|unicast| !unicast.gone && unicast.addr.is_unicast_link_local())?;
        Some(found.addr)
    }
}
