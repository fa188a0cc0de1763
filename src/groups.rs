// SPDX-License-Identifier: GPL-2.0

//! Groups: who comes, who goes.
//!
//! # Lock order
//!
//! 1. RTNL, or the socket lock. Held, or not, by whoever calls; nothing here takes either.
//! 2. The lock of the side tables ([`TABLES`](tables::TABLES)). Given back before the next one is
//!    taken, but when the tables are filled, dropped or searched.
//! 3. The publish lock of a device ([`Interface`](crate::interface::Interface)). What is decided on a
//!    group and how it is published are one, so no two publications interleave.
//! 4. `idev->lock`, bottom halves off: the kernel's list of a device's groups
//!    ([`LockedGroups`](crate::sys::ac_list::LockedGroups)). Nothing sleeps under it.
//! 5. `acaddr_hash_lock`, bottom halves off: the hash ([`acaddr_hash`]). Nothing is taken under it.
//!
//! Before all of these, `klp_mutex` when livepatches come and go, and, before RTNL, the lock of a
//! namespace's pass ([`reconcile`](crate::reconcile)), which its work alone takes.
//!
//! The locks of the hashes of the [`index`](crate::sys::index) and that of users
//! ([`quota`](crate::quota)) are taken under the third, and that of [`numbering`](crate::numbering) under
//! the second or the third, interrupts off; nothing is taken under them. Look-ups
//! ([`lookup`](crate::lookup)) take the RCU read lock only, and for memberships of before the takeover try
//! the socket's spinlock. Nobody waits for a livepatch transition.

use crate::{
    fallback,
    sys::{
        inet6_dev::Inet6Dev,
        membership,
        memory::{
            CHARGED,
            CHARGED_OR_NONE, //
        },
        module_name::ModuleName,
        net_device::NetDevice,
        sock::Sock, //
    },
    tables::{
        self,
        Way, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    alloc::Flags,
    prelude::*, //
};

/// Who joins or leaves.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// addrconf, for an address of this interface. Under RTNL.
    Addrconf(&'a Inet6Dev),
    /// This module, a caller inside the kernel.
    Caller(&'a ModuleName),
    /// A socket, by this membership.
    Socket(&'a Sock, membership::Identity),
}

impl By<'_> {
    /// How the memory is charged that it takes.
    pub(crate) fn memory(&self) -> Flags {
        match self {
            Self::Addrconf(_) => CHARGED,
            Self::Caller(_) | Self::Socket(..) => CHARGED_OR_NONE,
        }
    }
}

/// One more holder of `addr` on `idev`. While there is one, the host answers for `addr` whenever the
/// device can.
///
/// Process context. Fails with `ENODEV` when IPv6 has left the device, `EACCES` when it is disabled there
/// and the group is new, `EINVAL` when `addr` is a unicast address of the device (but not to addrconf),
/// `ENOMEM`, or `EOVERFLOW` when the group can count no more holders; then nothing has changed.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result {
    loop {
        match tables::way_to_join(idev, by.memory())? {
            Way::List(_guard) => return fallback::join(idev, addr),
            Way::Interface(interface) => {
                if let Ok(result) = interface.join(idev, addr, by) {
                    return result;
                }
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
        match (tables::way(device), by) {
            (Way::List(_guard), By::Addrconf(idev)) => return fallback::leave(idev, addr),
            (Way::List(_guard), _) => return fallback::leave(&*device.ipv6().ok_or(ENODEV)?, addr),
            (Way::Interface(interface), _) => {
                if let Ok(result) = interface.leave(addr, by) {
                    return result;
                }
            }
        }
    }
}

/// IPv6 is leaving the device of `idev`: takes all groups off its list. Those that others than addrconf
/// hold wait for IPv6 to return, where there are side tables; else they are lost.
///
/// Process context, under RTNL.
pub(crate) fn ipv6_gone(idev: &Inet6Dev) {
    loop {
        match tables::way(idev.device()) {
            Way::List(_guard) => return fallback::destroy_all(idev),
            Way::Interface(interface) => {
                if let Ok(()) = interface.ipv6_gone() {
                    return;
                }
            }
        }
    }
}
