// SPDX-License-Identifier: GPL-2.0

//! The functions that other modules link against (`include/anycast6.h`), with C's types.
//!
//! Callers that include the header pass the name of their module; others are identified by their
//! return address.
//!
//! The third function, `ipv6_chk_acast_addr()`, also replaces one of the kernel's: see
//! `livepatch/entries.rs`. `exports.c` exports the symbols.

use super::errno;
use crate::{
    bindings,
    entry::kernel_api,
    sys::{
        addr::from_kernel,
        face::Face,
        module_name::ModuleName,
        net_device::NetDevice, //
    },
};
use core::{
    ffi::c_int,
    net::Ipv6Addr, //
};
use kernel::ffi::c_char;

/// `ipv6_dev_ac_inc()` for callers that include `include/anycast6.h`.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address, `module` a name.
#[no_mangle]
pub(crate) unsafe extern "C" fn anycast6_dev_inc(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
    module: *const c_char,
) -> c_int {
    // SAFETY: The caller has the device alive, and `addr` is an address, `module` a name.
    let ((device, addr), module) = unsafe { (group(dev, addr), ModuleName::copy(module)) };
    errno(kernel_api::hold(device, &addr, &module))
}

/// `ipv6_dev_ac_inc()` for callers without that header; `caller` is their return address.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address.
#[no_mangle]
pub(crate) unsafe extern "C" fn anycast6_dev_inc_from(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
    caller: usize,
) -> c_int {
    // SAFETY: The caller has the device alive, and `addr` is an address.
    let ((device, addr), module) = unsafe { (group(dev, addr), ModuleName::of_code(caller)) };
    errno(kernel_api::hold(device, &addr, &module))
}

/// `ipv6_dev_ac_dec()` for callers that include `include/anycast6.h`.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address, `module` a name.
#[no_mangle]
pub(crate) unsafe extern "C" fn anycast6_dev_dec(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
    module: *const c_char,
) -> c_int {
    // SAFETY: The caller has the device alive, and `addr` is an address, `module` a name.
    let ((device, addr), module) = unsafe { (group(dev, addr), ModuleName::copy(module)) };
    errno(kernel_api::release(device, &addr, &module))
}

/// `ipv6_dev_ac_dec()` for callers without that header; `caller` is their return address.
///
/// # Safety
///
/// `dev` is a device that the caller holds a reference to, `addr` an address.
#[no_mangle]
pub(crate) unsafe extern "C" fn anycast6_dev_dec_from(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
    caller: usize,
) -> c_int {
    // SAFETY: The caller has the device alive, and `addr` is an address.
    let ((device, addr), module) = unsafe { (group(dev, addr), ModuleName::of_code(caller)) };
    errno(kernel_api::release(device, &addr, &module))
}

/// Converts the arguments that name a group.
///
/// # Safety
///
/// `dev` is a device that stays for `'a`, `addr` an address.
unsafe fn group<'a>(
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> (&'a NetDevice, Ipv6Addr) {
    // SAFETY: The device stays for `'a`, and `addr` is an address.
    unsafe { (NetDevice::from_raw(dev), from_kernel(&*addr)) }
}
