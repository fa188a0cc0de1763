// SPDX-License-Identifier: GPL-2.0

//! The functions that other modules link against (`include/anycast6.h`), in C's terms.
//!
//! Their third, `ipv6_chk_acast_addr()`, is a replaced function as well: see
//! `takeover/entries.rs`. The symbols are exported by `exports.c`.

use super::{
    addr::from_kernel,
    face::Face,
    net_device::NetDevice, //
};
use crate::{
    api,
    bindings, //
};
use core::ffi::c_int;
use kernel::prelude::*;

/// `ipv6_dev_ac_inc()` of `include/anycast6.h`.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address.
#[no_mangle]
pub(crate) unsafe extern "C" fn ipv6_dev_ac_inc(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: The caller promises both.
    let (device, addr) = unsafe { (NetDevice::from_raw(dev), from_kernel(&*addr)) };
    errno(api::hold(device, &addr))
}

/// `ipv6_dev_ac_dec()` of `include/anycast6.h`.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address.
#[no_mangle]
pub(crate) unsafe extern "C" fn ipv6_dev_ac_dec(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: The caller promises both.
    let (device, addr) = unsafe { (NetDevice::from_raw(dev), from_kernel(&*addr)) };
    errno(api::release(device, &addr))
}

/// What a C caller gets for `result`.
pub(crate) fn errno(result: Result) -> c_int {
    result.map_or_else(|err| err.to_errno(), |()| 0)
}
