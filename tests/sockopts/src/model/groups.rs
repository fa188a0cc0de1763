// SPDX-License-Identifier: GPL-2.0

//! Groups, their holders and their routes.

use super::{
    device::{Device, Identity},
    service::Service,
    socket::Membership,
    Model,
};
use crate::action::User;
use std::net::Ipv6Addr;

pub struct Group {
    pub device: Identity,
    pub addr: Ipv6Addr,
    /// Sockets; with C addrconf, too, as nobody can tell who is who.
    pub sockets: u32,
    pub addrconf: u32,
    /// Who has joined by the sockets.
    pub users: Vec<User>,
    pub service: Service,
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
    pub(super) fn hold(&mut self, membership: &Membership) -> Result<(), i32> {
        let Membership { addr, user, .. } = *membership;
        let device = membership.identity;
        if self.group(device, addr).is_none() {
            if self.rules.limit && self.groups.len() >= self.max_groups as usize {
                return Err(libc::ENOBUFS);
            }
            if self.disabled(device) {
                return Err(libc::EACCES);
            }
        }
        let group = self.entry(device, addr);
        group.sockets += 1;
        group.users.push(user);
        group.service.joined(Some(user));
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
        self.drop_one(device, membership.addr, Some(membership.user));
        Ok(())
    }

    /// An address has come into use.
    pub(super) fn announce(&mut self, device: Identity, subnet_router: Option<Ipv6Addr>) {
        let Some(addr) = subnet_router else {
            return;
        };
        match self.rules.counted {
            true => {
                self.count(device, addr);
                self.entry(device, addr).service.joined(None);
                self.tidy();
            }
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
            false => self.drop_one(device, addr, None),
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

    fn drop_one(&mut self, device: Identity, addr: Ipv6Addr, user: Option<User>) {
        if self.group(device, addr).is_some() {
            let group = self.entry(device, addr);
            group.sockets -= 1;
            if let Some(place) = group.users.iter().position(|&one| Some(one) == user) {
                group.users.remove(place);
            }
            group.service.left(&group.users);
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

    pub(super) fn entry(&mut self, device: Identity, addr: Ipv6Addr) -> &mut Group {
        if self.group(device, addr).is_none() {
            self.groups.push(Group {
                device,
                addr,
                sockets: 0,
                addrconf: 0,
                users: Vec::new(),
                service: Service::default(),
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
            let serves =
                |group: &&Group| carrying.contains(&group.device) && !group.service.suspended();
            let groups = &self.groups;
            self.routes.retain(|route| {
                let mut serving = groups.iter().filter(serves);
                serving.any(|group| group.is(route.device, route.addr))
            });
            for group in self.groups.iter().filter(serves) {
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
        let carried = self.carrying().any(|d| d.identity == group.device);
        !self.rules.waiting || carried && !group.service.suspended()
    }

    /// Does the host hear who looks for any member? An address in the same solicited-node group will do.
    pub(super) fn hears(&self, device: &Device, addr: Ipv6Addr) -> bool {
        let low = |addr: Ipv6Addr| u128::from(addr) & 0xff_ffff;
        let own = device.addresses().iter().map(|own| own.addr);
        let groups = self
            .groups
            .iter()
            .filter(|group| group.device == device.identity);
        let groups = groups.filter(|group| self.is_listed(group) && !group.service.draining());
        let mut heard = own.chain(groups.map(|group| group.addr));
        heard.any(|heard| low(heard) == low(addr))
    }

    fn carrying(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(|device| device.carries())
    }

    fn disabled(&self, device: Identity) -> bool {
        let ipv6 = self.by_identity(device).and_then(|d| d.ipv6.as_ref());
        ipv6.is_some_and(|ipv6| ipv6.disabled)
    }
}
