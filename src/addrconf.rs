// SPDX-License-Identifier: GPL-2.0

//! addrconf's side: subnet-router anycasts, and unicast addresses that are to be added.
//!
//! Process context, under RTNL.

use crate::{
    groups::{
        self,
        By, //
    },
    numbering,
    sys::inet6_dev::Inet6Dev,
    tables::{
        self,
        Way, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::rcu, //
};

/// An address of `idev` needs the subnet-router anycast `addr`.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    groups::join(idev, addr, By::Addrconf(idev))
}

/// An address of `idev`, which may never have joined, needs the subnet-router anycast `addr` no more.
pub(crate) fn leave(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    groups::leave(idev.device(), addr, By::Addrconf(idev))
}

/// The addresses of `idev` that need the subnet-router anycast `addr`.
pub(crate) fn needed(idev: &Inet6Dev, addr: &Ipv6Addr) -> u32 {
    if !idev.forwards() {
        return 0;
    }
    let rcu = rcu::read_lock();
    let needy = idev
        .addresses(&rcu)
        .filter(|unicast| unicast.get().needs(addr));
    needy.fold(0, |count, _| count + 1)
}

/// May `addr` become a unicast address of `idev`?
///
/// Fails with `EADDRINUSE` while a kernel caller, or a program that has joined with privilege, holds it as a
/// group there. Otherwise a group yields, and no more can be joined until the address is there or
/// [`numbering::over()`]. A subnet-router anycast that addrconf alone holds stays: routers may number
/// themselves so.
pub(crate) fn may_add(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    let device = idev.device();
    loop {
        match tables::way(device) {
            Way::List(_guard) => {
                numbering::expect(device, addr);
                return Ok(());
            }
            Way::Interface(interface) => {
                if let Ok(result) = interface.make_way(addr) {
                    return result;
                }
            }
        }
    }
}
