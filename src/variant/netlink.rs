// SPDX-License-Identifier: GPL-2.0

//! The operations of the generic netlink family, with C's types: what
//! `src/bindings/netlink-gen.c` names.

use super::errno;
use crate::{
    bindings,
    entry::control::{
        self,
        Operation, //
    },
    show::{
        groups::Groups,
        members::Holders, //
    },
    sys::{
        genl::{
            self,
            Request, //
        },
        seq_lines::Lines, //
    },
};
use core::ffi::c_int;

/// Defines an operation that changes a group.
macro_rules! change {
    ($name:ident, $operation:ident) => {
        /// # Safety
        ///
        /// From the kernel, with a request.
        #[no_mangle]
        unsafe extern "C" fn $name(
            skb: *mut bindings::sk_buff,
            info: *mut bindings::genl_info,
        ) -> c_int {
            // SAFETY: The kernel has called us with them, and waits.
            let request = unsafe { Request::new(skb, info) };
            errno(control::request(&request, Operation::$operation))
        }
    };
}

change!(anycast6_nl_suspend_doit, Suspend);
change!(anycast6_nl_resume_doit, Resume);
change!(anycast6_nl_drain_doit, Drain);
change!(anycast6_nl_lease_doit, Lease);

/// # Safety
///
/// From the kernel, with a request.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_group_get_doit(
    skb: *mut bindings::sk_buff,
    info: *mut bindings::genl_info,
) -> c_int {
    // SAFETY: The kernel has called us with them, and waits.
    let request = unsafe { Request::new(skb, info) };
    errno(control::get(&request))
}

/// # Safety
///
/// From the kernel, with a dump that begins.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_group_get_start(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: The kernel begins a dump, and goes on and ends with the functions below.
    errno(unsafe { genl::begin(cb, Groups::of(genl::only_device(cb))) })
}

/// # Safety
///
/// From the kernel, with a dump that has begun.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_group_get_dumpit(
    skb: *mut bindings::sk_buff,
    cb: *mut bindings::netlink_callback,
) -> c_int {
    // SAFETY: The dump has begun with this type.
    unsafe { genl::go_on::<Groups>(skb, cb) }
}

/// # Safety
///
/// From the kernel, with a dump that ends.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_group_get_done(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: The dump has begun with this type.
    unsafe { genl::end::<Groups>(cb) };
    0
}

/// # Safety
///
/// From the kernel, with a dump that begins.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_holder_get_start(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: The kernel begins a dump, and goes on and ends with the functions below.
    errno(unsafe { genl::begin(cb, Holders::START) })
}

/// # Safety
///
/// From the kernel, with a dump that has begun.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_holder_get_dumpit(
    skb: *mut bindings::sk_buff,
    cb: *mut bindings::netlink_callback,
) -> c_int {
    // SAFETY: The dump has begun with this type.
    unsafe { genl::go_on::<Holders>(skb, cb) }
}

/// # Safety
///
/// From the kernel, with a dump that ends.
#[no_mangle]
unsafe extern "C" fn anycast6_nl_holder_get_done(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: The dump has begun with this type.
    unsafe { genl::end::<Holders>(cb) };
    0
}
