// SPDX-License-Identifier: GPL-2.0

//! Groups, their holders and their routes.

use super::{
    device::{Device, Identity},
    socket::Membership,
    Model,
};
use std::net::Ipv6Addr;

pub struct Group {
    pub device: Identity,
    pub addr: Ipv6Addr,
    /// Sockets; with C addrconf, too, as nobody can tell who is who.
    pub sockets: u32,
    pub addrconf: u32,
}

/// The route to a group.
pub struct Route {
    pub device: Identity,
    pub addr: Ipv6Addr,
}

impl Group {
    fn is(&self, device: Identity, addr: Ipv6Addr) -> bool {
        self.device == device && self.addr == addr
    }
}

impl Model {
    pub(super) fn group(&self, device: Identity, addr: Ipv6Addr) -> Option<&Group> {
        self.groups.iter().find(|group| group.is(device, addr))
    }

    /// A socket joins.
    pub(super) fn hold(&mut self, device: Identity, addr: Ipv6Addr) -> Result<(), i32> {
        if self.group(device, addr).is_none() {
            if self.rules.limit && self.groups.len() >= self.max_groups as usize {
                return Err(libc::ENOBUFS);
            }
            if self.disabled(device) {
                return Err(libc::EACCES);
            }
        }
        self.entry(device, addr).sockets += 1;
        self.tidy();
        Ok(())
    }

    /// A socket leaves, or is closed.
    pub(super) fn release(&mut self, membership: Membership) -> Result<(), i32> {
        let device = match self.rules.identity {
            true => self
                .devices
                .iter()
                .find(|d| d.identity == membership.identity),
            false => self.device(membership.index),
        };
        let Some(device) = device.map(|device| device.identity) else {
            return if self.rules.identity {
                Err(libc::ENODEV)
            } else {
                Ok(())
            };
        };
        self.drop_one(device, membership.addr);
        Ok(())
    }

    /// An address has come into use.
    pub(super) fn announce(&mut self, device: Identity, subnet_router: Option<Ipv6Addr>) {
        let Some(addr) = subnet_router else {
            return;
        };
        match self.rules.counted {
            true => self.count(device, addr),
            false => {
                self.entry(device, addr).sockets += 1;
                self.tidy();
            }
        }
    }

    /// An address has gone, be it that it never was in use.
    pub(super) fn renounce(&mut self, device: Identity, subnet_router: Option<Ipv6Addr>) {
        let Some(addr) = subnet_router else {
            return;
        };
        match self.rules.counted {
            true => self.count(device, addr),
            false => self.drop_one(device, addr),
        }
    }

    /// addrconf holds as much as its addresses need.
    fn count(&mut self, device: Identity, addr: Ipv6Addr) {
        let needing = self.by_identity(device).map_or(0, |d| d.needing(addr));
        if needing > 0 || self.group(device, addr).is_some() {
            self.entry(device, addr).addrconf = needing;
            self.tidy();
        }
    }

    fn drop_one(&mut self, device: Identity, addr: Ipv6Addr) {
        if self.group(device, addr).is_some() {
            self.entry(device, addr).sockets -= 1;
            self.tidy();
        }
    }

    /// IPv6 has left a device.
    pub(super) fn lose(&mut self, device: Identity) {
        self.routes.retain(|route| route.device != device);
        if !self.rules.waiting {
            self.groups.retain(|group| group.device != device);
        }
        self.tidy();
    }

    fn entry(&mut self, device: Identity, addr: Ipv6Addr) -> &mut Group {
        if self.group(device, addr).is_none() {
            self.groups.push(Group {
                device,
                addr,
                sockets: 0,
                addrconf: 0,
            });
            if !self.rules.waiting {
                self.routes.push(Route { device, addr });
            }
        }
        let mut groups = self.groups.iter_mut();
        let group = groups.find(|group| group.is(device, addr));
        group.expect("it is there")
    }

    /// Forgets what nobody holds. With the module a group has a route while its device carries it; C
    /// makes one with the group and never again.
    pub(super) fn tidy(&mut self) {
        self.groups
            .retain(|group| group.sockets + group.addrconf > 0);
        if self.rules.waiting {
            let carrying: Vec<Identity> = self.carrying().map(|d| d.identity).collect();
            self.routes.retain(|route| carrying.contains(&route.device));
            for group in self.groups.iter().filter(|g| carrying.contains(&g.device)) {
                if !self.routes.iter().any(|r| group.is(r.device, r.addr)) {
                    self.routes.push(Route {
                        device: group.device,
                        addr: group.addr,
                    });
                }
            }
        }
        let groups = &self.groups;
        self.routes
            .retain(|route| groups.iter().any(|g| g.is(route.device, route.addr)));
    }

    pub(super) fn is_listed(&self, group: &Group) -> bool {
        !self.rules.waiting || self.carrying().any(|d| d.identity == group.device)
    }

    fn carrying(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(|device| device.carries())
    }

    fn disabled(&self, device: Identity) -> bool {
        let ipv6 = self.by_identity(device).and_then(|d| d.ipv6.as_ref());
        ipv6.is_some_and(|ipv6| ipv6.disabled)
    }
}
