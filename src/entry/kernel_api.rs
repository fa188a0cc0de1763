// SPDX-License-Identifier: GPL-2.0

//! The entry points of in-kernel callers, as documented in `include/anycast6.h`.
//!
//! Process context, with or without RTNL.

use crate::{
    group::{
        self,
        By, //
    },
    sys::{
        module_name::ModuleName,
        net_device::NetDevice, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// `module` joins the group `addr` on `device`.
///
/// Fails with `ENODEV` when the device has no live IPv6, else as [`group::join()`] does.
pub(crate) fn hold(device: &NetDevice, addr: &Ipv6Addr, module: &ModuleName) -> Result {
    group::join(&*device.ipv6().ok_or(ENODEV)?, addr, By::Caller(module))
}

/// `module` drops one hold on the group `addr` on `device`.
///
/// Fails as [`group::leave()`] does.
pub(crate) fn release(device: &NetDevice, addr: &Ipv6Addr, module: &ModuleName) -> Result {
    group::leave(device, addr, By::Caller(module))
}
