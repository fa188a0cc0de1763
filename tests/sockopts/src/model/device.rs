// SPDX-License-Identifier: GPL-2.0

//! Devices and their addresses.

use std::net::Ipv6Addr;

/// A device object: with the same name and index there may be another one later.
pub type Identity = u32;

pub struct Device {
    pub identity: Identity,
    pub index: i32,
    pub name: &'static str,
    pub up: bool,
    pub small: bool,
    pub ipv6: Option<Ipv6>,
}

/// The IPv6 side of a device.
pub struct Ipv6 {
    pub forwards: bool,
    pub disabled: bool,
    pub addresses: Vec<Address>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub addr: Ipv6Addr,
    pub length: u8,
    pub tentative: bool,
}

impl Device {
    /// Can groups of the device be answered for?
    pub fn carries(&self) -> bool {
        self.up && self.ipv6.as_ref().is_some_and(|ipv6| !ipv6.disabled)
    }

    pub fn addresses(&self) -> &[Address] {
        self.ipv6.as_ref().map_or(&[], |ipv6| &ipv6.addresses)
    }

    pub fn forwards(&self) -> bool {
        self.ipv6.as_ref().is_some_and(|ipv6| ipv6.forwards)
    }

    pub fn is_loopback(&self) -> bool {
        self.index == crate::pool::LO
    }

    /// Can an address be added, so that it is in use at once?
    pub fn takes_addresses(&self) -> bool {
        self.carries()
    }

    /// How many of the addresses need a subnet-router anycast.
    pub fn needing(&self, addr: Ipv6Addr) -> u32 {
        if !self.forwards() {
            return 0;
        }
        let needing = |own: &&Address| !own.tentative && own.subnet_router() == Some(addr);
        self.addresses().iter().filter(needing).count() as u32
    }
}

impl Address {
    pub fn covers(&self, addr: Ipv6Addr) -> bool {
        self.prefix(self.addr) == self.prefix(addr)
    }

    /// The anycast address of the routers of its prefix, if there is one.
    pub fn subnet_router(&self) -> Option<Ipv6Addr> {
        (self.length < 127).then(|| self.prefix(self.addr))
    }

    /// Is `addr` among those that RFC 2526 reserves in the prefix of this address, and no host may have
    /// (RFC 5453)?
    pub fn reserves(&self, addr: Ipv6Addr) -> bool {
        let [.., a, b, c, d] = addr.segments();
        let reserved = [a, b, c] == [0xfdff, 0xffff, 0xffff] && d >= 0xff80;
        self.length == 64 && self.covers(addr) && reserved
    }

    fn prefix(&self, addr: Ipv6Addr) -> Ipv6Addr {
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.length))
            .unwrap_or(0);
        Ipv6Addr::from(u128::from(addr) & mask)
    }
}
