// SPDX-License-Identifier: GPL-2.0

//! The groups of a device: who comes, who goes, who is there.
//!
//! # Lock order
//!
//! 1. RTNL, or the socket lock. Held, or not, by whoever calls; nothing here takes either.
//! 2. `idev->lock`, bottom halves off: the device's list ([`LockedGroups`]). Nothing sleeps under it.
//! 3. `acaddr_hash_lock`, bottom halves off: the hash ([`acaddr_hash`]). Nothing is taken under it.
//!
//! Look-ups take the RCU read lock only. A change is decided and made under the lock, and published
//! after it: routes, multicast and netlink sleep.
//!
//! The kernel's own objects are all there is, so C and Rust may work on them side by side while
//! tasks move from one to the other.

use crate::{
    logic::group::{
        self,
        Entry,
        Full,
        Join,
        Leave, //
    },
    publish,
    sys::{
        ac_list::LockedGroups,
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        acaddr_hash,
        inet6_dev::Inet6Dev,
        net::Net,
        net_device::NetDevice, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::{
        aref::ARef,
        rcu, //
    },
};

/// One more holder of `addr` on `idev`; the first makes the host answer.
///
/// Process context. Fails with `ENODEV` when IPv6 has left the device, `ENOMEM`, or `EOVERFLOW` when
/// the group can count no more holders; then nothing has changed.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    if let Join::Joined(group) = enter(idev, addr)? {
        publish::publish(idev, &group);
    }
    Ok(())
}

/// One holder fewer of `addr` on `idev`; with the last the host stops answering.
///
/// Process context. Fails with `ENOENT` when there is no such group.
pub(crate) fn leave(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    match exit(idev, addr) {
        Leave::Left(group) => {
            publish::withdraw(idev, group);
            Ok(())
        }
        Leave::StillMember => Ok(()),
        Leave::NotMember => Err(ENOENT),
    }
}

/// Drops all groups of `idev`, whoever holds them: IPv6 is leaving the device.
///
/// Process context, under RTNL.
pub(crate) fn destroy_all(idev: &Inet6Dev) {
    while let Some(group) = pop(idev) {
        publish::tear_down(idev, group);
    }
}

/// Is `addr` a group on `device`, or for [`None`] on any device of `net`? Any context.
pub(crate) fn is_held(net: &Net, device: Option<&NetDevice>, addr: &Ipv6Addr) -> bool {
    let rcu = rcu::read_lock();
    match device {
        Some(device) => device
            .ipv6_rcu(&rcu)
            .is_some_and(|idev| idev.groups(&rcu).any(|group| group.addr() == *addr)),
        None => acaddr_hash::candidates(net, addr, &rcu)
            .filter(|group| group.addr() == *addr)
            .filter_map(|group| group.device(&rcu))
            .any(|device| device.net() == net),
    }
}

/// The bookkeeping of [`join()`].
fn enter(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result<Join<ARef<Acaddr>>> {
    if let Entry::Listed(group) = lock_alive(idev)?.entry(addr) {
        return Ok(group::join_listed(group)?);
    }

    // Allocated before the lock is taken. Should somebody else list the group meanwhile, this one is
    // dropped after the lock has been given back.
    let unlisted = Unlisted::new(idev, addr)?;
    let mut groups = lock_alive(idev)?;
    Ok(group::join(groups.entry(addr), &unlisted)?)
}

/// The bookkeeping of [`leave()`].
fn exit(idev: &Inet6Dev, addr: &Ipv6Addr) -> Leave<Unlisted> {
    let mut groups = idev.lock_groups();
    group::leave(groups.entry(addr))
}

/// The bookkeeping of one turn of [`destroy_all()`].
fn pop(idev: &Inet6Dev) -> Option<Unlisted> {
    let mut groups = idev.lock_groups();
    groups.pop()
}

/// The groups of a device that can take new ones.
fn lock_alive(idev: &Inet6Dev) -> Result<LockedGroups<'_>> {
    let groups = idev.lock_groups();
    if groups.is_dead() {
        return Err(ENODEV);
    }
    Ok(groups)
}

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        EOVERFLOW
    }
}
