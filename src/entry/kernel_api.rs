// SPDX-License-Identifier: GPL-2.0

//! The in-kernel callers' side: what `include/anycast6.h` promises.
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

/// `module` holds the group `addr` on `device`.
///
/// Fails with `ENODEV` when the device has no live IPv6, and as [`group::join()`] does.
pub(crate) fn hold(device: &NetDevice, addr: &Ipv6Addr, module: &ModuleName) -> Result {
    group::join(&*device.ipv6().ok_or(ENODEV)?, addr, By::Caller(module))
}

/// `module` gives back one hold of the group `addr` on `device`.
///
/// Fails as [`group::leave()`] does.
pub(crate) fn release(device: &NetDevice, addr: &Ipv6Addr, module: &ModuleName) -> Result {
    group::leave(device, addr, By::Caller(module))
}
