// SPDX-License-Identifier: GPL-2.0

//! Groups: joins, leaves, and their lock order.
//!
//! # Lock order
//!
//! 1. RTNL, or the socket lock. The caller may hold one of them. Only [`reconcile`] takes RTNL
//!    itself.
//! 2. The lock of the [`registry`] ([`TABLES`](registry::TABLES)). Dropped before a publish lock is
//!    taken, except while the registry is filled or dropped. Without a registry, joins and leaves
//!    hold it to their end.
//! 3. The publish lock of a device ([`DeviceGroups`](crate::group::device::DeviceGroups)). A change
//!    of a group and its publication happen in one critical section, so that publications do not
//!    interleave.
//! 4. `idev->lock`, with bottom halves disabled: the kernel's list of a device's groups
//!    ([`LockedGroups`](crate::store::list_lock::LockedGroups)). Nothing sleeps under it.
//! 5. `acaddr_hash_lock`, with bottom halves disabled: the hash ([`acaddr_hash`]). Nothing is taken
//!    under it.
//!
//! `klp_mutex` comes before all of these when livepatches are loaded or removed. The lock of a
//! namespace's pass ([`reconcile`](crate::group::reconcile)) comes before RTNL; only the
//! namespace's work takes it.
//!
//! The locks of the [`index`](crate::store::index) and of the users
//! ([`quota`](crate::group::quota)) nest inside the third; that of
//! [`numbering`](crate::group::numbering) nests inside the second or the third, with interrupts
//! disabled. Nothing is taken under them. The table of
//! [`handovers`](crate::sys::handover::Handovers) nests inside the third, and inside RTNL when a
//! device goes down; packets are sent under it then. The lock of their work is taken before it, and
//! by that work only. Look-ups ([`lookup`](crate::group::lookup)) take the RCU
//! read lock only; for memberships from before the takeover they try the socket's spinlock. Nothing
//! waits for a livepatch transition.

#![forbid(unsafe_code)]

pub(crate) mod alarm;
mod by;
pub(crate) mod cursor;
pub(crate) mod device;
#[expect(
    clippy::module_inception,
    reason = "the room is named after what is in it"
)]
mod group;
pub(crate) mod lookup;
mod member;
pub(crate) mod members;
pub(crate) mod numbering;
pub(crate) mod ownership;
mod place;
mod publication;
pub(crate) mod quota;
pub(crate) mod reconcile;
pub(crate) mod registry;
pub(crate) mod set;
pub(crate) mod timetable;
mod transition;
pub(crate) mod user_order;

pub(crate) use self::by::By;

use self::{
    registry::Backend,
    user_order::{
        OrderError,
        UserOrder, //
    },
};
use crate::{
    publish::monitor::Report,
    sys::{
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        rtnl::Rtnl, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// Adds a holder of `addr` on `idev`. While the group has a holder, the host answers for `addr`
/// whenever the device can.
///
/// Process context. Fails with `ENODEV` when IPv6 has left the device, `EACCES` when IPv6 is
/// disabled there and the group is new, `EINVAL` when `addr` is a unicast address of the device
/// (addrconf may join nevertheless), `ENOBUFS` when a quota is used up, `ENOMEM`, or `EOVERFLOW`
/// when the group cannot count more holders. Nothing has changed then.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result {
    loop {
        match registry::backend_for_join(idev, by.memory())? {
            Backend::List(_guard) => return transition::join(idev, addr),
            Backend::Device(groups) => {
                if let Ok(result) = groups.join(idev, addr, by) {
                    return result;
                }
                #[cfg(test)]
                crate::fake::look_again()?;
            }
        }
    }
}

/// Removes a holder of `addr` on `device`. The host stops answering when the last holder leaves.
///
/// Process context. Fails with `ENOENT` when this holder has no such group there, or with `ENODEV`
/// when the device has no IPv6 and no dormant groups.
pub(crate) fn leave(device: &NetDevice, addr: &Ipv6Addr, by: By<'_>) -> Result {
    loop {
        match (registry::backend(device), by) {
            (Backend::List(_guard), By::Addrconf(idev)) => return transition::leave(idev, addr),
            (Backend::List(_guard), _) => {
                return transition::leave(&*device.ipv6().ok_or(ENODEV)?, addr)
            }
            (Backend::Device(groups), _) => {
                if let Ok(result) = groups.leave(addr, by) {
                    return result;
                }
                #[cfg(test)]
                crate::fake::look_again()?;
            }
        }
    }
}

/// Carries out what a user asks for the group `addr` of `device`.
///
/// Process context. Fails when the order is refused, and with `EAGAIN` while there is no registry, `ENOENT` without
/// such a group, or `ENOMEM`. Nothing has changed then.
pub(crate) fn order(
    device: &NetDevice,
    addr: &Ipv6Addr,
    order: UserOrder,
) -> Result<(), OrderError> {
    loop {
        let groups = registry::of(device)?;
        if let Ok(result) = groups.order(addr, order) {
            return result;
        }
        #[cfg(test)]
        crate::fake::look_again()?;
    }
}

/// What users may know of the group `addr` of `device`. Process context. Fails as [`order()`] does.
pub(crate) fn report(device: &NetDevice, addr: &Ipv6Addr) -> Result<Report> {
    registry::of(device)?.report(addr).ok_or(ENOENT)
}

/// IPv6 is leaving the device of `idev`: takes all groups off its list. With a registry, groups
/// with holders other than addrconf stay dormant until IPv6 returns; without one they are lost.
///
/// Process context.
pub(crate) fn ipv6_gone(idev: &Inet6Dev, rtnl: &Rtnl) {
    loop {
        match registry::backend(idev.device()) {
            Backend::List(_guard) => return transition::destroy_all(idev),
            Backend::Device(groups) => {
                if let Ok(()) = groups.ipv6_gone(rtnl) {
                    return;
                }
            }
        }
    }
}
