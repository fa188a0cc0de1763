// SPDX-License-Identifier: GPL-2.0

//! The groups of a device while there are no side tables: C's bookkeeping, on the kernel's list alone.
//!
//! So it is during a livepatch transition, when C works on the same lists. Process context; the lock of
//! the [`registry`](crate::group::registry) keeps out their adoption, and what else is written in Rust.

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

/// One more holder of `addr` on `idev`; the first makes the host answer.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    if let Join::Joined(group) = enter(idev, addr)? {
        // As in C, nobody remembers whether the host listens.
        let _ = publish::publish(idev, &group);
    }
    Ok(())
}

/// One holder fewer of `addr` on `idev`; with the last the host stops answering.
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

/// Drops all groups of `idev`, whoever holds them: IPv6 is leaving the device.
pub(crate) fn destroy_all(idev: &Inet6Dev) {
    while let Some(group) = pop(idev) {
        withdraw(idev, &group);
    }
}

/// Ends a group as C does, which does not remember whether it listened: it leaves where it would join now.
fn withdraw(idev: &Inet6Dev, group: &Unlisted) {
    publish::withdraw(idev, group, idev.device().solicits());
}

/// The bookkeeping of [`join()`].
fn enter(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result<Join<ARef<Acaddr>>> {
    if let Entry::Occupied(group) = lock_alive(idev)?.entry(addr) {
        return Ok(users::join_listed(group)?);
    }

    // Allocated before the lock is taken. Should C list the group meanwhile, this one is dropped after
    // the lock has been given back.
    let unlisted = Unlisted::new(idev, addr, CHARGED)?;
    let mut groups = lock_alive(idev)?;
    Ok(users::join(groups.entry(addr), &unlisted)?)
}

/// The bookkeeping of [`leave()`].
fn exit(idev: &Inet6Dev, addr: &Ipv6Addr) -> Leave<Unlisted> {
    let mut groups = idev.lock_groups();
    users::leave(groups.entry(addr))
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
