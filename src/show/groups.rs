// SPDX-License-Identifier: GPL-2.0

//! Groups and holders by generic netlink (`include/anycast6.yaml`).
//!
//! Process context, without locks.

use crate::{
    group::{
        cursor::{
            Cursor,
            Held, //
        },
        members::Shown, //
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
        seq_lines::Lines, //
    },
};
use kernel::prelude::*;

/// The position of a reader among the groups.
#[derive(Clone, Copy)]
pub(crate) struct Groups {
    cursor: Cursor,
    /// The index of the only device that matters.
    only: Option<i32>,
}

impl Groups {
    /// Before all groups, of all devices or of one.
    pub(crate) const fn of(only: Option<i32>) -> Self {
        Self {
            cursor: Cursor::START,
            only,
        }
    }
}

impl Lines for Groups {
    type Line = Report;

    const START: Self = Self::of(None);

    fn line(&mut self, net: &Net) -> Option<Report> {
        self.cursor.group(net, self.only)
    }

    fn advance(&mut self) {
        self.cursor.pass_group();
    }
}

impl Put for Report {
    const COMMAND: Command = Command::GroupGet;

    fn put(&self, message: &mut Message) -> Result {
        self.write(message)
    }
}

impl Put for Held {
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
