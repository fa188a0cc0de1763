// SPDX-License-Identifier: GPL-2.0

//! When the host stops answering for a group, its neighbours are shown another member, if there is
//! one: otherwise they go on with this host until they notice.
//!
//! The peer is found beforehand, and announced by a work item
//! ([`Handovers`](crate::sys::handover::Handovers)); nothing here waits. Process context, under the
//! publish lock or RTNL.

use crate::{
    decide::handover::LinkAddr,
    sys::net_device::NetDevice, //
};
use core::net::Ipv6Addr;

/// The host answers for `group` on `device`.
pub(crate) fn published(device: &NetDevice, group: &Ipv6Addr) {
    device.net().handovers().publish(device, group);
}

/// The host takes no new neighbours for `group` on `device`; [`published()`] ends that.
pub(crate) fn draining(device: &NetDevice, group: &Ipv6Addr) {
    device.net().handovers().drain(device, group);
}

/// The host has stopped answering for `group` on `device`. `to_others`: the device could go on, and
/// the address is not the host's own now.
pub(crate) fn withdrawn(device: &NetDevice, group: &Ipv6Addr, to_others: bool) {
    device.net().handovers().withdraw(device, group, to_others);
}

/// The link-layer address of another member of `group` on `device`.
pub(crate) fn peer(device: &NetDevice, group: &Ipv6Addr) -> Option<LinkAddr> {
    device.net().handovers().peer(device, group)
}

/// `device` goes down, but can still send.
pub(crate) fn going_down(device: &NetDevice) {
    device.net().handovers().going_down(device);
}

/// The groups of `device` are C's, or lost with it: nobody is announced.
pub(crate) fn forget(device: &NetDevice) {
    device.net().handovers().forget(device);
}
