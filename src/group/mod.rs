// SPDX-License-Identifier: GPL-2.0

//! Groups: who comes, who goes.
//!
//! # Lock order
//!
//! 1. RTNL, or the socket lock. Held, or not, by whoever calls; nothing here takes either.
//! 2. The lock of the side tables ([`TABLES`](registry::TABLES)). Given back before the next one is
//!    taken, but when the tables are filled, dropped or searched.
//! 3. The publish lock of a device ([`DeviceGroups`](crate::group::device::DeviceGroups)). What is decided on a
//!    group and how it is published are one, so no two publications interleave.
//! 4. `idev->lock`, bottom halves off: the kernel's list of a device's groups
//!    ([`LockedGroups`](crate::store::list_lock::LockedGroups)). Nothing sleeps under it.
//! 5. `acaddr_hash_lock`, bottom halves off: the hash ([`acaddr_hash`]). Nothing is taken under it.
//!
//! Before all of these, `klp_mutex` when livepatches come and go, and, before RTNL, the lock of a
//! namespace's pass ([`reconcile`](crate::group::reconcile)), which its work alone takes.
//!
//! The locks of the hashes of the [`index`](crate::store::index) and that of users
//! ([`quota`](crate::group::quota)) are taken under the third, and that of [`numbering`](crate::group::numbering) under
//! the second or the third, interrupts off; nothing is taken under them. Look-ups
//! ([`lookup`](crate::group::lookup)) take the RCU read lock only, and for memberships of before the takeover try
//! the socket's spinlock. Nobody waits for a livepatch transition.

#![forbid(unsafe_code)]

mod by;
pub(crate) mod device;
#[expect(
    clippy::module_inception,
    reason = "the room is named after what is in it"
)]
mod group;
pub(crate) mod lookup;
mod member;
mod members;
pub(crate) mod numbering;
pub(crate) mod ownership;
pub(crate) mod quota;
pub(crate) mod reconcile;
pub(crate) mod registry;
pub(crate) mod set;
mod transition;

pub(crate) use self::by::By;

use self::registry::Backend;
use crate::sys::{
    inet6_dev::Inet6Dev,
    net_device::NetDevice,
    rtnl::Rtnl, //
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// One more holder of `addr` on `idev`. While there is one, the host answers for `addr` whenever the
/// device can.
///
/// Process context. Fails with `ENODEV` when IPv6 has left the device, `EACCES` when it is disabled there
/// and the group is new, `EINVAL` when `addr` is a unicast address of the device (but not to addrconf),
/// `ENOMEM`, or `EOVERFLOW` when the group can count no more holders; then nothing has changed.
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

/// One holder fewer of `addr` on `device`; with the last the host stops answering.
///
/// Process context. Fails with `ENOENT` when this holder has no such group there, or with `ENODEV` when
/// the device has no IPv6 and no groups that wait for it.
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

/// IPv6 is leaving the device of `idev`: takes all groups off its list. Those that others than addrconf
/// hold wait for IPv6 to return, where there are side tables; else they are lost.
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
