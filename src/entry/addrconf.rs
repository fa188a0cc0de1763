// SPDX-License-Identifier: GPL-2.0

//! addrconf's side: subnet-router anycasts, and unicast addresses that are to be added.
//!
//! Process context, under RTNL.

use crate::{
    group::{
        self, numbering,
        registry::{
            self,
            Backend, //
        },
        By,
    },
    sys::{
        inet6_dev::Inet6Dev,
        rtnl::Rtnl, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// An address of `idev` needs the subnet-router anycast `addr`.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    group::join(idev, addr, By::Addrconf(idev))
}

/// An address of `idev`, which may never have joined, needs the subnet-router anycast `addr` no more.
pub(crate) fn leave(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    group::leave(idev.device(), addr, By::Addrconf(idev))
}

/// May `addr` become a unicast address of `idev`?
///
/// Fails with `EADDRINUSE` while a kernel caller, or a program that has joined with privilege, holds it as a
/// group there. Otherwise a group yields, and no more can be joined until the address is there or
/// [`numbering::over()`]. A subnet-router anycast that addrconf alone holds stays: routers may number
/// themselves so.
pub(crate) fn may_add(idev: &Inet6Dev, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result {
    let device = idev.device();
    loop {
        match registry::backend(device) {
            Backend::List(_guard) => {
                numbering::expect(device, addr, rtnl);
                return Ok(());
            }
            Backend::Device(groups) => {
                if let Ok(result) = groups.make_way(addr, rtnl) {
                    return result;
                }
            }
        }
    }
}
