// SPDX-License-Identifier: GPL-2.0

//! The module's own netlink events: what users may know of a group, whenever its state changes.
//!
//! Process context, under the publish lock.

use crate::{
    decide::{
        handover::LinkAddr,
        lifecycle::Condition, //
    },
    sys::{
        genl::{
            self,
            Command,
            GroupAttribute as Attribute,
            Message, //
        },
        net_device::{
            self,
            NetDevice, //
        },
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// What users may know of a group. Times are in milliseconds.
pub(crate) struct Report {
    pub(crate) ifindex: i32,
    pub(crate) device: net_device::Name,
    pub(crate) addr: Ipv6Addr,
    pub(crate) state: Condition,
    /// How long it has been so.
    pub(crate) since: u64,
    pub(crate) holders: i32,
    pub(crate) peer: Option<LinkAddr>,
    /// How long the drain goes on.
    pub(crate) drain: Option<u64>,
    /// How long the lease goes on.
    pub(crate) lease: Option<u64>,
}

impl Report {
    /// Writes it. Fails with `EMSGSIZE`.
    pub(crate) fn write(&self, message: &mut Message) -> Result {
        message.put_u32(Attribute::Ifindex, self.ifindex.unsigned_abs())?;
        message.put_text(Attribute::Device, self.device.as_bytes())?;
        message.put(Attribute::Address, &self.addr.octets())?;
        message.put_u32(Attribute::State, genl::state(self.state))?;
        message.put_uint(Attribute::Since, self.since)?;
        message.put_u32(Attribute::Holders, self.holders.unsigned_abs())?;
        if let Some(link) = self.peer {
            message.put(Attribute::Peer, &link)?;
        }
        if let Some(left) = self.drain {
            message.put_uint(Attribute::Drain, left)?;
        }
        if let Some(left) = self.lease {
            message.put_uint(Attribute::Lease, left)?;
        }
        Ok(())
    }
}

/// A group of `device` has come to another state.
pub(crate) fn changed(device: &NetDevice, report: impl FnOnce() -> Report) {
    genl::tell(device.net(), Command::GroupNtf, |message| {
        report().write(message)
    });
}

/// A group of `device` has lost its last holder.
pub(crate) fn ended(device: &NetDevice, report: impl FnOnce() -> Report) {
    genl::tell(device.net(), Command::GroupDelNtf, |message| {
        report().write(message)
    });
}
