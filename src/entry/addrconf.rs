// SPDX-License-Identifier: GPL-2.0

//! The entry points of addrconf: subnet-router anycast groups, and unicast addresses that are about
//! to be added.
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

/// Joins the subnet-router anycast group `addr` for an address of `idev`.
pub(crate) fn join(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    group::join(idev, addr, By::Addrconf(idev))
}

/// Leaves the subnet-router anycast group `addr`, which an address of `idev` no longer needs.
/// addrconf also calls this for addresses that never joined.
pub(crate) fn leave(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    group::leave(idev.device(), addr, By::Addrconf(idev))
}

/// Prepares for `addr` to become a unicast address of `idev`.
///
/// Fails with `EADDRINUSE` while the group `addr` there has a kernel caller, a privileged socket or
/// a holder taken over from C. Otherwise an existing group yields, and nobody but addrconf can join
/// it until the address is there or [`numbering::over()`]. A subnet-router anycast that addrconf
/// alone holds stays: routers may use it as a unicast address of their own.
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
