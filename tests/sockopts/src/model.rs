// SPDX-License-Identifier: GPL-2.0

//! What the host does, as its documentation has it: docs/abi.md, and what README.md says of C.
//!
//! Written without a look at the module's own logic, so that the two can be compared.

mod admission;
mod argument;
mod device;
mod groups;
mod link;
mod rules;
mod service;
mod socket;

pub use self::rules::Rules;

use self::{
    device::{Address, Device, Identity, Ipv6},
    groups::{Group, Route},
    socket::{Membership, Socket},
};
use crate::{
    action::{self, Action, Argument, Form, Kind, Packet, Slot, User, SLOTS},
    listing::Line,
    pool::{address, ABSENT, LO, TENTATIVE},
};
use std::net::Ipv6Addr;

pub struct Model {
    rules: Rules,
    privileged: bool,
    user: User,
    policy: u8,
    max_groups: u32,
    /// Is the host a router, and are new devices a router's?
    forwards: bool,
    /// In the order in which they came.
    devices: Vec<Device>,
    born: Identity,
    sockets: [Option<Socket>; SLOTS],
    groups: Vec<Group>,
    /// In the order in which they came.
    routes: Vec<Route>,
}

/// What an action is to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    Result(Result<(), i32>),
    /// Is the packet answered by an advertisement?
    Answered(bool),
    /// Nothing is said about the answer.
    Any,
    /// The action makes no sense now, and is left out.
    Skip,
}

impl Model {
    /// A loopback, and the devices with no addresses yet.
    pub fn new(rules: Rules) -> Self {
        let mut model = Self {
            rules,
            privileged: true,
            user: User::Root,
            policy: 1,
            max_groups: 65536,
            forwards: false,
            devices: Vec::new(),
            born: 0,
            sockets: Default::default(),
            groups: Vec::new(),
            routes: Vec::new(),
        };
        model.bear(LO, "lo");
        model.devices[0].up = true;
        let own = Address {
            addr: Ipv6Addr::LOCALHOST,
            length: 128,
            tentative: false,
        };
        model.devices[0].ipv6.as_mut().expect("IPv6").addresses = vec![own];
        model.bear(action::Device::Tap.index(), action::Device::Tap.name());
        model
    }

    /// Does the action, and says what the kernel must answer.
    pub fn predict(&mut self, action: &Action) -> Prediction {
        match *action {
            Action::Open(slot, kind) => {
                self.close(slot);
                self.sockets[slot] = Some(Socket::new(kind));
                Prediction::Result(Ok(()))
            }
            Action::Close(slot) => self.on(slot, |model, slot| {
                model.close(slot);
                Ok(())
            }),
            Action::Join(slot, argument) => self.on(slot, |m, slot| m.join(slot, argument)),
            Action::Fill(slot, argument) => self.on(slot, |model, slot| loop {
                model.join(slot, argument)?;
            }),
            Action::Leave(slot, argument) => self.on(slot, |m, slot| m.leave(slot, argument)),
            Action::Get(slot) => self.on(slot, |model, slot| match model.socket(slot).kind {
                Kind::Udp4 => Err(libc::EOPNOTSUPP),
                _ => Err(libc::ENOPROTOOPT),
            }),
            Action::Bind(slot, addr, scope) => self.bind(slot, addr, scope),
            Action::Listen(slot) => self.listen(slot),
            Action::Convert(slot) => match &self.sockets[slot] {
                // Whether it can be connected depends on what it is bound to.
                Some(socket) if socket.kind == Kind::Udp && !socket.is_fresh() => Prediction::Skip,
                _ => self.on(slot, Self::convert),
            },
            Action::Privilege(privileged) => {
                self.privileged = privileged;
                Prediction::Result(Ok(()))
            }
            Action::User(user) => {
                self.user = user;
                Prediction::Result(Ok(()))
            }
            Action::Order(order, addr, index) => Prediction::Result(self.order(order, addr, index)),
            Action::Policy(policy) if self.rules.policies => Prediction::Result(match policy {
                0..=2 => {
                    self.policy = policy;
                    Ok(())
                }
                _ => Err(libc::EINVAL),
            }),
            Action::MaxGroups(count) if self.rules.limit => {
                self.max_groups = count;
                Prediction::Result(Ok(()))
            }
            Action::Policy(_) | Action::MaxGroups(_) => Prediction::Skip,
            Action::Packet(packet) => self.packet(&packet),
            _ => self.administrate(action),
        }
    }

    /// What `/proc/net/anycast6` lists, sorted.
    pub fn listing(&self) -> Vec<Line> {
        let listed = self.groups.iter().filter(|group| self.is_listed(group));
        let mut lines: Vec<Line> = listed
            .filter_map(|group| {
                let device = self.by_identity(group.device)?;
                Some(Line {
                    index: device.index,
                    device: device.name.into(),
                    addr: group.addr,
                    users: group.sockets + group.addrconf,
                })
            })
            .collect();
        lines.sort();
        lines
    }

    /// The arguments that leave what the sockets hold.
    pub fn memberships(&self) -> impl Iterator<Item = (Slot, Argument)> + '_ {
        let sockets = self.sockets.iter().enumerate();
        let sockets = sockets.filter_map(|(slot, socket)| Some((slot, socket.as_ref()?)));
        sockets.flat_map(|(slot, socket)| {
            let memberships = socket.memberships.iter();
            memberships.map(move |one| (slot, Argument::good(one.addr, one.index)))
        })
    }

    /// Actions that lead back to the beginning.
    pub fn way_back(&self) -> Vec<Action> {
        let mut actions: Vec<Action> = (0..SLOTS)
            .filter(|&slot| self.sockets[slot].is_some())
            .map(Action::Close)
            .collect();
        actions.push(Action::Privilege(true));
        actions.push(Action::User(User::Root));
        actions.push(Action::Policy(1));
        actions.push(Action::MaxGroups(65536));
        actions.extend(self.way_back_of_links());
        actions
    }

    fn on(
        &mut self,
        slot: Slot,
        action: impl FnOnce(&mut Self, Slot) -> Result<(), i32>,
    ) -> Prediction {
        match self.sockets[slot] {
            Some(_) => Prediction::Result(action(self, slot)),
            None => Prediction::Skip,
        }
    }

    fn socket(&mut self, slot: Slot) -> &mut Socket {
        self.sockets[slot].as_mut().expect("a socket")
    }

    fn close(&mut self, slot: Slot) {
        if let Some(socket) = self.sockets[slot].take() {
            self.release_all(socket.memberships);
        }
    }

    fn release_all(&mut self, memberships: Vec<Membership>) {
        for membership in memberships.into_iter().rev() {
            let _ = self.release(membership);
        }
    }

    fn join(&mut self, slot: Slot, argument: Argument) -> Result<(), i32> {
        let Argument { address, index, .. } = argument;
        argument::check(self.socket(slot).kind, &argument)?;
        self.screen(address)?;
        if !self.socket(slot).has_room() {
            return Err(libc::ENOMEM);
        }
        let device = self.place(index, address)?;
        let membership = Membership {
            addr: address,
            index: device.index,
            identity: device.identity,
            user: self.user,
        };
        self.hold(&membership)?;
        self.socket(slot).memberships.push(membership);
        Ok(())
    }

    fn leave(&mut self, slot: Slot, argument: Argument) -> Result<(), i32> {
        let Argument { address, index, .. } = argument;
        let socket = self.socket(slot);
        argument::check(socket.kind, &argument)?;
        let membership = socket.take(index, address).ok_or(libc::ENOENT)?;
        self.release(membership)
    }

    fn bind(&mut self, slot: Slot, addr: Ipv6Addr, scope: i32) -> Prediction {
        // Multicast and IPv4 are none of our business.
        let ours = !addr.is_multicast() && addr.to_ipv4_mapped().is_none();
        match &self.sockets[slot] {
            Some(socket) if ours && matches!(socket.kind, Kind::Udp | Kind::Tcp) => {
                Prediction::Result(self.try_bind(slot, addr, scope))
            }
            _ => Prediction::Skip,
        }
    }

    fn try_bind(&mut self, slot: Slot, addr: Ipv6Addr, scope: i32) -> Result<(), i32> {
        if self.socket(slot).bound {
            return Err(libc::EINVAL);
        }
        let link_local = addr.is_unicast_link_local();
        if link_local && scope != 0 {
            self.socket(slot).device = scope;
        }
        let index = self.socket(slot).device;
        if link_local && index == 0 {
            return Err(libc::EINVAL);
        }
        if !addr.is_unspecified() {
            if index != 0 && self.device(index).is_none() {
                return Err(libc::ENODEV);
            }
            if !self.may_bind(addr, index) {
                return Err(libc::EADDRNOTAVAIL);
            }
        }
        self.socket(slot).bound = true;
        Ok(())
    }

    fn may_bind(&self, addr: Ipv6Addr, index: i32) -> bool {
        let narrow = addr.is_unicast_link_local() || addr.is_loopback();
        let here = |d: &&Device| !narrow || index == 0 || d.index == index;
        let mut own = self.devices.iter().filter(here).flat_map(Device::addresses);
        if let Some(own) = own.find(|own| own.addr == addr) {
            return !own.tentative;
        }
        let mut devices = self.devices.iter().filter(here);
        self.rules.bind && devices.any(|device| self.group(device.identity, addr).is_some())
    }

    fn listen(&mut self, slot: Slot) -> Prediction {
        match &self.sockets[slot] {
            Some(socket) if socket.kind == Kind::Tcp && socket.bound => Prediction::Result(Ok(())),
            _ => Prediction::Skip,
        }
    }

    fn convert(&mut self, slot: Slot) -> Result<(), i32> {
        let socket = self.socket(slot);
        match socket.kind {
            Kind::Udp4 | Kind::Icmp => return Err(libc::ENOPROTOOPT),
            Kind::Tcp => return Err(libc::ENOTCONN),
            Kind::Udp => (),
        }
        socket.kind = Kind::Udp4;
        let memberships = std::mem::take(&mut socket.memberships);
        self.release_all(memberships);
        Ok(())
    }

    /// The neighbour's question is answered for groups and addresses of the tap.
    fn packet(&self, packet: &Packet) -> Prediction {
        let Some(tap) = self.device(action::Device::Tap.index()) else {
            return Prediction::Skip;
        };
        let addr = packet.address;
        let unusual = addr.is_multicast()
            || addr.is_unspecified()
            || addr.is_loopback()
            || addr.to_ipv4_mapped().is_some();
        if !tap.carries() {
            return Prediction::Skip;
        }
        // An answer needs an address to come from.
        let speaks = tap.addresses().iter().any(|own| !own.tentative);
        if packet.form != Form::Solicitation || packet.damage.is_some() || unusual || !speaks {
            return Prediction::Any;
        }
        let own = tap.addresses().iter().find(|own| own.addr == addr);
        let group = self.group(tap.identity, addr);
        Prediction::Answered(match own {
            Some(own) if !own.tentative => true,
            // Somebody else asks for what this host is about to take.
            Some(_) if group.is_some() => return Prediction::Any,
            Some(_) => false,
            None => group.is_some_and(|group| self.is_listed(group)) && self.hears(tap, addr),
        })
    }

    fn device(&self, index: i32) -> Option<&Device> {
        debug_assert!(index != ABSENT || self.devices.iter().all(|d| d.index != ABSENT));
        self.devices.iter().find(|device| device.index == index)
    }

    fn by_identity(&self, identity: Identity) -> Option<&Device> {
        self.devices.iter().find(|d| d.identity == identity)
    }

    fn all_addresses(&self) -> impl Iterator<Item = &Address> {
        self.devices.iter().flat_map(Device::addresses)
    }

    fn bear(&mut self, index: i32, name: &'static str) {
        self.born += 1;
        self.devices.push(Device {
            identity: self.born,
            index,
            name,
            up: false,
            small: false,
            ipv6: Some(self.new_ipv6()),
        });
    }

    fn new_ipv6(&self) -> Ipv6 {
        Ipv6 {
            forwards: self.forwards,
            disabled: false,
            addresses: Vec::new(),
        }
    }

    fn is_tentative(addr: Ipv6Addr) -> bool {
        addr == address(TENTATIVE)
    }
}
