// SPDX-License-Identifier: GPL-2.0

//! Groups and holders by generic netlink (`include/anycast6.yaml`).
//!
//! Process context, without locks.

use super::members;
use crate::{
    decide::pass::Next,
    group::{
        members::Shown,
        registry,
        set::{
            Line,
            Look, //
        },
    },
    publish::monitor::Report,
    sys::{
        genl::{
            Command,
            HolderAttribute as Attribute,
            HolderKind,
            Message,
            Put, //
        },
        net::Net,
        net_device,
        seq_lines::Lines, //
    },
};
use kernel::prelude::*;

/// The position of a reader among the groups.
#[derive(Clone, Copy)]
pub(crate) struct Groups {
    device: net_device::Identity,
    slot: usize,
    /// The index of the only device that matters.
    only: Option<i32>,
}

/// The position of a reader among the holders.
pub(crate) type Holders = members::Cursor;

impl Groups {
    /// Before all groups, of all devices or of one.
    pub(crate) const fn of(only: Option<i32>) -> Self {
        Self {
            device: net_device::Identity::FIRST,
            slot: 0,
            only,
        }
    }

    fn go_to(&mut self, device: net_device::Identity) {
        (self.device, self.slot) = (device, 0);
    }
}

impl Lines for Groups {
    type Line = Report;

    const START: Self = Self::of(None);

    /// Each lock is held for one look at the registry or at a device's groups only.
    fn line(&mut self, net: &Net) -> Option<Report> {
        loop {
            let (device, groups) = registry::next(net, Next::From(self.device))?;
            if device != self.device {
                self.go_to(device);
            }
            if self.only.is_some_and(|ifindex| ifindex != groups.ifindex()) {
                self.go_to(device.next());
                continue;
            }
            match groups.report_from(&mut self.slot) {
                Look::Found(report) => return Some(report),
                Look::Further => (),
                Look::End => self.go_to(device.next()),
            }
        }
    }

    fn advance(&mut self) {
        self.slot += 1;
    }
}

impl Put for Report {
    const COMMAND: Command = Command::GroupGet;

    fn put(&self, message: &mut Message) -> Result {
        self.write(message)
    }
}

impl Put for Line {
    const COMMAND: Command = Command::HolderGet;

    fn put(&self, message: &mut Message) -> Result {
        message.put_u32(Attribute::Ifindex, self.ifindex.unsigned_abs())?;
        message.put(Attribute::Address, &self.addr.octets())?;
        message.put_u32(Attribute::Kind, kind(&self.holder) as u32)?;
        match &self.holder {
            Shown::Addrconf(count) | Shown::Adopted(count) => {
                message.put_u32(Attribute::Count, *count)
            }
            Shown::Caller(module) => message.put_text(Attribute::Module, module.as_bytes()),
            Shown::Member(who) => {
                message.put_uint(Attribute::Cookie, who.cookie())?;
                message.put_u32(Attribute::Uid, who.uid())?;
                message.put_u32(Attribute::Pid, who.pid())
            }
        }
    }
}

fn kind(holder: &Shown) -> HolderKind {
    match holder {
        Shown::Addrconf(_) => HolderKind::Addrconf,
        Shown::Adopted(_) => HolderKind::Adopted,
        Shown::Caller(_) => HolderKind::Module,
        Shown::Member(_) => HolderKind::Socket,
    }
}
