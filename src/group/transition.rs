// SPDX-License-Identifier: GPL-2.0

//! The groups of a device while there is no registry: C's bookkeeping, on the kernel's list alone.
//!
//! This is so during a livepatch transition, when C works on the same lists. Process context. The
//! lock of the [`registry`](crate::group::registry) excludes adoption and all other Rust code that
//! changes groups.

use crate::{
    decide::users::{
        self,
        Entry,
        Join,
        Leave, //
    },
    publish,
    store::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        list_lock::LockedGroups,
    },
    sys::{
        inet6_dev::Inet6Dev,
        memory::CHARGED, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// Adds a holder of `addr` on `idev`; with the first one the host begins to answer.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    if let Join::Joined(group) = enter(idev, addr)? {
        // As in C, nobody remembers whether the solicited-node group was joined.
        let _ = publish::publish(idev, &group);
    }
    Ok(())
}

/// Removes a holder of `addr` on `idev`; with the last one the host stops answering.
pub(crate) fn leave(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    match exit(idev, addr) {
        Leave::Left(group) => {
            withdraw(idev, &group);
            Ok(())
        }
        Leave::StillMember => Ok(()),
        Leave::NotMember => Err(ENOENT),
    }
}

/// Drops all groups of `idev` with all their holders: IPv6 is leaving the device.
pub(crate) fn destroy_all(idev: &Inet6Dev) {
    while let Some(group) = pop(idev) {
        withdraw(idev, &group);
    }
}

/// Ends a group as C does: C does not remember whether the solicited-node group was joined, and
/// leaves it if it would join it now.
fn withdraw(idev: &Inet6Dev, group: &Unlisted) {
    publish::withdraw(idev, group, idev.device().solicits());
}

/// The bookkeeping of [`join()`].
fn enter(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result<Join<ARef<Acaddr>>> {
    if let Entry::Occupied(group) = lock_alive(idev)?.entry(addr) {
        return Ok(users::join_listed(group)?);
    }

    // Allocate before taking the lock. If C lists the group meanwhile, this object is dropped after
    // the lock.
    let unlisted = Unlisted::new(idev, addr, CHARGED)?;
    let mut groups = lock_alive(idev)?;
    Ok(users::join(groups.entry(addr), &unlisted)?)
}

/// The bookkeeping of [`leave()`].
fn exit(idev: &Inet6Dev, addr: &Ipv6Addr) -> Leave<Unlisted> {
    let mut groups = idev.lock_groups();
    users::leave(groups.entry(addr))
}

/// The bookkeeping of one iteration of [`destroy_all()`].
fn pop(idev: &Inet6Dev) -> Option<Unlisted> {
    let mut groups = idev.lock_groups();
    groups.pop()
}

/// Locks the groups of a device. Fails with `ENODEV` when IPv6 has left it.
fn lock_alive(idev: &Inet6Dev) -> Result<LockedGroups<'_>> {
    let groups = idev.lock_groups();
    if groups.is_dead() {
        return Err(ENODEV);
    }
    Ok(groups)
}
