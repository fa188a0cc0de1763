// SPDX-License-Identifier: GPL-2.0

//! Counters (`/proc/net/anycast6_stat`) and tracepoints.
//!
//! Process context.

use crate::{
    decide::{
        counter::{
            Counter,
            Reason, //
        },
        lifecycle::Condition,
        users::Users, //
    },
    sys::{
        net::Net,
        net_device::NetDevice,
        trace::{
            self,
            GroupEvent, //
        },
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// Counts and traces an event of the group `addr` of `device`; `users` is its number of holders
/// now.
pub(crate) fn group(event: GroupEvent, device: &NetDevice, addr: &Ipv6Addr, users: Option<Users>) {
    let counter = match event {
        GroupEvent::Join => Counter::Join,
        GroupEvent::Leave => Counter::Leave,
        GroupEvent::Publish => Counter::Published,
        GroupEvent::Withdraw => Counter::Withdrawn,
        GroupEvent::Dormant => Counter::Dormant,
    };
    device.net().stats().count(counter);
    trace::group(event, device, addr, users);
}

/// `holds` holds ended with `device`.
pub(crate) fn lost(device: &NetDevice, holds: u64) {
    device.net().stats().add(Counter::Lost, holds);
}

/// A join of a socket of `net` was refused.
pub(crate) fn refused(net: &Net, ifindex: i32, addr: &Ipv6Addr, err: Error) {
    let errno = -err.to_errno();
    net.stats().count(Counter::Refused(Reason::of(errno)));
    trace::refuse(ifindex, addr, errno);
}

/// A group of `device` became dormant, and this is why.
pub(crate) fn hidden(device: &NetDevice, condition: Condition) {
    match condition {
        Condition::Yielding => device.net().stats().count(Counter::Yielded),
        Condition::Suspended => device.net().stats().count(Counter::Suspended),
        _ => (),
    }
}

/// A group of `device` takes no new clients from now on.
pub(crate) fn draining(device: &NetDevice) {
    device.net().stats().count(Counter::Drained);
}

/// The deleted route of a group of `device` was restored.
pub(crate) fn reconciled(device: &NetDevice) {
    device.net().stats().count(Counter::Reconciled);
}

/// A group of `device` has got its route in the export table, or has not.
pub(crate) fn exported(device: &NetDevice, done: bool) {
    device.net().stats().count(match done {
        true => Counter::Exported,
        false => Counter::ExportFailed,
    });
}
