// SPDX-License-Identifier: GPL-2.0

//! May a program join, and on which device?

use super::{
    device::{Address, Device},
    Model,
};
use std::net::Ipv6Addr;

const NOTHING: u8 = 0;
const WELL_KNOWN: u8 = 1;

impl Model {
    /// What is refused whatever the device.
    pub(super) fn screen(&self, addr: Ipv6Addr) -> Result<(), i32> {
        if !self.privileged && self.policy() == NOTHING {
            return Err(libc::EPERM);
        }
        let unsuitable = addr.is_unspecified() || addr.to_ipv4_mapped().is_some();
        if addr.is_multicast() || self.rules.unsuitable && unsuitable {
            return Err(libc::EINVAL);
        }
        // Whichever device has it: here is no VRF. A tentative address is not yet the host's own to C.
        let own = |own: &Address| own.addr == addr && (!own.tentative || self.rules.tentative);
        if self.all_addresses().any(own) {
            return Err(libc::EINVAL);
        }
        Ok(())
    }

    /// The device that the group goes to.
    pub(super) fn place(&self, index: i32, addr: Ipv6Addr) -> Result<&Device, i32> {
        let device = match index {
            0 => self.pick(addr)?,
            _ => self.device(index).ok_or(libc::ENODEV)?,
        };
        if device.ipv6.is_none() {
            return Err(match index {
                0 => libc::EADDRNOTAVAIL,
                _ => libc::ENODEV,
            });
        }
        let mut addresses = device.addresses().iter();
        match (self.privileged, self.policy()) {
            (true, _) if addresses.any(|own| own.covers(addr)) || device.forwards() => Ok(device),
            (true, _) => Err(libc::EADDRNOTAVAIL),
            (false, WELL_KNOWN) if addresses.any(|own| own.reserves(addr)) => Ok(device),
            (false, WELL_KNOWN) => Err(libc::EPERM),
            (false, _) if addresses.any(|own| own.covers(addr)) => Ok(device),
            (false, _) => Err(libc::EPERM),
        }
    }

    fn policy(&self) -> u8 {
        match self.rules.policies {
            true => self.policy,
            false => NOTHING,
        }
    }

    /// The device that packets leave by; a router takes any.
    fn pick(&self, addr: Ipv6Addr) -> Result<&Device, i32> {
        if let Some(device) = self.route(addr) {
            return Ok(device);
        }
        if !self.forwards {
            return Err(libc::EADDRNOTAVAIL);
        }
        let mut others = self.devices.iter().filter(|device| !device.is_loopback());
        others.find(|device| device.up).ok_or(libc::ENODEV)
    }

    fn route(&self, addr: Ipv6Addr) -> Option<&Device> {
        let mut exact = self.routes.iter().filter(|route| route.addr == addr);
        if let Some(route) = exact.next() {
            return self.devices.iter().find(|d| d.identity == route.device);
        }
        let covers = |device: &&Device| device.addresses().iter().any(|own| own.covers(addr));
        self.devices.iter().filter(|device| device.up).find(covers)
    }
}
