// SPDX-License-Identifier: GPL-2.0

//! What an administrator does to devices.

use super::{
    device::{Address, Identity},
    Model, Prediction,
};
use crate::{
    action::{Action, Device},
    pool::{address, PREFIX_LENGTH},
};
use std::net::Ipv6Addr;

impl Model {
    pub(super) fn administrate(&mut self, action: &Action) -> Prediction {
        match *action {
            Action::Forward(None, on) => {
                self.forwards = on;
                for index in self.indexes() {
                    self.forward(index, on);
                }
                Prediction::Result(Ok(()))
            }
            Action::Forward(Some(device), on) => {
                self.on_ipv6(device, |model, index| model.forward(index, on))
            }
            Action::Up(device, up) => {
                self.on_device(device, |model, index| model.set_up(index, up))
            }
            Action::Ipv6(device, on) => match self.device(device.index()) {
                Some(found) if found.up => {
                    self.on_ipv6(device, |model, index| model.set_ipv6(device, index, on))
                }
                _ => Prediction::Skip,
            },
            Action::Small(device, small) => {
                self.on_device(device, |model, index| model.set_small(index, small))
            }
            Action::AddAddress(device, addr) => match self.device(device.index()) {
                Some(found) if found.takes_addresses() => {
                    Prediction::Result(self.add(device, addr, PREFIX_LENGTH))
                }
                _ => Prediction::Skip,
            },
            Action::DeleteAddress(device, addr) => match self.device(device.index()) {
                Some(found) if found.takes_addresses() => {
                    Prediction::Result(self.delete(device.index(), addr))
                }
                _ => Prediction::Skip,
            },
            Action::Presence(there) => self.set_presence(Device::Second, there),
            _ => Prediction::Skip,
        }
    }

    pub(super) fn way_back_of_links(&self) -> Vec<Action> {
        let mut actions = vec![
            Action::Presence(true),
            Action::Forward(None, true),
            Action::Forward(None, false),
        ];
        for device in Device::ALL {
            // Down first: that takes all addresses.
            actions.push(Action::Small(device, false));
            actions.push(Action::Up(device, true));
            actions.push(Action::Ipv6(device, true));
            actions.push(Action::Up(device, false));
            actions.push(Action::Up(device, true));
            let addresses = device.addresses().iter();
            actions.extend(addresses.map(|text| Action::AddAddress(device, address(text))));
        }
        actions
    }

    fn on_device(&mut self, device: Device, change: impl FnOnce(&mut Self, i32)) -> Prediction {
        if self.device(device.index()).is_none() {
            return Prediction::Skip;
        }
        change(self, device.index());
        self.tidy();
        Prediction::Result(Ok(()))
    }

    fn on_ipv6(&mut self, device: Device, change: impl FnOnce(&mut Self, i32)) -> Prediction {
        match self.device(device.index()) {
            Some(found) if found.ipv6.is_some() => self.on_device(device, change),
            _ => Prediction::Skip,
        }
    }

    fn indexes(&self) -> Vec<i32> {
        self.devices.iter().map(|device| device.index).collect()
    }

    /// The position of a device that is there.
    fn at(&mut self, index: i32) -> &mut super::Device {
        let mut devices = self.devices.iter_mut();
        let device = devices.find(|device| device.index == index);
        device.expect("a device")
    }

    fn forward(&mut self, index: i32, on: bool) {
        let device = self.at(index);
        let identity = device.identity;
        let Some(ipv6) = device.ipv6.as_mut() else {
            return;
        };
        if std::mem::replace(&mut ipv6.forwards, on) == on {
            return;
        }
        let in_use: Vec<Address> = ipv6.addresses.to_vec();
        for own in in_use.iter().filter(|own| !own.tentative) {
            match on {
                true => self.announce(identity, own.subnet_router()),
                false => self.renounce(identity, own.subnet_router()),
            }
        }
    }

    fn set_up(&mut self, index: i32, up: bool) {
        let was = std::mem::replace(&mut self.at(index).up, up);
        if was && !up {
            self.flush(index);
            let identity = self.at(index).identity;
            self.routes.retain(|route| route.device != identity);
        }
        // A device that comes up looks whether it is large enough.
        if up && !self.at(index).small && self.at(index).ipv6.is_none() {
            let ipv6 = self.new_ipv6();
            self.at(index).ipv6 = Some(ipv6);
        }
    }

    fn set_ipv6(&mut self, device: Device, index: i32, on: bool) {
        let ipv6 = self.at(index).ipv6.as_mut().expect("IPv6");
        let was = !std::mem::replace(&mut ipv6.disabled, !on);
        if was && !on {
            self.flush(index);
            let identity = self.at(index).identity;
            self.routes.retain(|route| route.device != identity);
        }
        if !was && on {
            let added = self.add(device, device.wake(), 128);
            added.expect("nobody else uses it");
        }
    }

    fn set_small(&mut self, index: i32, small: bool) {
        let was = std::mem::replace(&mut self.at(index).small, small);
        if small && !was {
            self.flush(index);
            let device = self.at(index);
            let identity = device.identity;
            device.ipv6 = None;
            self.lose(identity);
        }
        if !small && self.at(index).ipv6.is_none() {
            let ipv6 = self.new_ipv6();
            self.at(index).ipv6 = Some(ipv6);
        }
    }

    fn set_presence(&mut self, device: Device, there: bool) -> Prediction {
        let found = self.device(device.index()).map(|found| found.identity);
        match (found, there) {
            (Some(_), true) | (None, false) => return Prediction::Skip,
            (Some(identity), false) => self.bury(identity),
            (None, true) => {
                self.bear(device.index(), device.name());
                self.at(device.index()).up = true;
                for text in device.addresses() {
                    let added = self.add(device, address(text), PREFIX_LENGTH);
                    added.expect("nobody holds it there");
                }
            }
        }
        Prediction::Result(Ok(()))
    }

    fn bury(&mut self, identity: Identity) {
        self.devices.retain(|device| device.identity != identity);
        self.groups.retain(|group| group.device != identity);
        self.tidy();
    }

    fn add(&mut self, device: Device, addr: Ipv6Addr, length: u8) -> Result<(), i32> {
        let found = self.at(device.index());
        let identity = found.identity;
        if found.addresses().iter().any(|own| own.addr == addr) {
            return Err(libc::EEXIST);
        }
        let group = self.group(identity, addr);
        if self.rules.apart && group.is_some_and(|group| group.sockets > 0) {
            return Err(libc::EADDRINUSE);
        }
        let own = Address {
            addr,
            length,
            tentative: Self::is_tentative(addr),
        };
        let ipv6 = self.at(device.index()).ipv6.as_mut().expect("IPv6");
        ipv6.addresses.push(own);
        if ipv6.forwards && !own.tentative {
            self.announce(identity, own.subnet_router());
        }
        self.tidy();
        Ok(())
    }

    fn delete(&mut self, index: i32, addr: Ipv6Addr) -> Result<(), i32> {
        let device = self.at(index);
        let identity = device.identity;
        let ipv6 = device.ipv6.as_mut().expect("IPv6");
        let position = ipv6.addresses.iter().position(|own| own.addr == addr);
        let own = ipv6.addresses.remove(position.ok_or(libc::EADDRNOTAVAIL)?);
        if ipv6.forwards {
            self.renounce(identity, own.subnet_router());
        }
        self.tidy();
        Ok(())
    }

    /// All addresses go.
    fn flush(&mut self, index: i32) {
        let own: Vec<Ipv6Addr> = self.at(index).addresses().iter().map(|a| a.addr).collect();
        for addr in own {
            let _ = self.delete(index, addr);
        }
    }
}
