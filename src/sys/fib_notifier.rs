// SPDX-License-Identifier: GPL-2.0

//! What the kernel tells of routes: of each network namespace apart.
//!
//! C header: `include/net/fib_notifier.h`

use super::{
    face::Face,
    net::Net,
    route::Route, //
};
use crate::{
    bindings,
    events::{
        self,
        RouteEvent, //
    },
};
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    ptr::null_mut,
};
use kernel::{
    error::to_result,
    ffi::c_ulong,
    prelude::*, //
};

/// Nobody has to stop or to fail.
const DONE: c_int = bindings::NOTIFY_DONE as c_int;

/// A listener to the routes of a namespace.
#[repr(C)]
pub(super) struct FibNotifier {
    block: bindings::notifier_block,
    net: *mut bindings::net,
}

impl FibNotifier {
    /// Begins to listen to `net`. The kernel first tells of every route there is.
    ///
    /// # Safety
    ///
    /// `this` is zeroed memory that nobody else knows, and that stays until [`FibNotifier::end()`].
    pub(super) unsafe fn begin(this: *mut Self, net: &Net) -> Result {
        let net = net.as_ptr();
        // SAFETY: As promised; the namespace is alive.
        to_result(unsafe {
            (*this).net = net;
            (*this).block.notifier_call = Some(route_event);
            bindings::register_fib_notifier(net, &raw mut (*this).block, None, null_mut())
        })
    }

    /// Ends it. This waits for callbacks in flight.
    ///
    /// # Safety
    ///
    /// After a [`FibNotifier::begin()`] that succeeded, once.
    pub(super) unsafe fn end(this: *mut Self) {
        // SAFETY: As promised.
        unsafe { bindings::unregister_fib_notifier((*this).net, &raw mut (*this).block) };
    }
}

/// # Safety
///
/// From the FIB chain: RCU read lock, mostly under the lock of the route's table as well.
unsafe extern "C" fn route_event(
    block: *mut bindings::notifier_block,
    event: c_ulong,
    info: *mut c_void,
) -> c_int {
    // SAFETY: All events of this chain begin with this.
    let family = unsafe { (*info.cast::<bindings::fib_notifier_info>()).family };
    if family != bindings::AF_INET6 as c_int {
        return DONE;
    }
    match event as bindings::fib_event_type {
        bindings::fib_event_type_FIB_EVENT_ENTRY_REPLACE => {
            // SAFETY: As promised.
            let (net, route) = unsafe { what(block, info) };
            events::route_changed(net, RouteEvent::First(route));
        }
        bindings::fib_event_type_FIB_EVENT_ENTRY_DEL => {
            // SAFETY: As promised.
            let (net, route) = unsafe { what(block, info) };
            events::route_changed(net, RouteEvent::Gone(route));
        }
        _ => (),
    }
    DONE
}

/// The namespace and the route of an event about an IPv6 route.
///
/// # Safety
///
/// `block` is one of ours, and what `info` of such an event has is alive for `'a`.
unsafe fn what<'a>(
    block: *mut bindings::notifier_block,
    info: *mut c_void,
) -> (&'a Net, &'a Route) {
    // SAFETY: The block is the first field of its listener.
    unsafe {
        let info = info.cast::<bindings::fib6_entry_notifier_info>();
        let listener = block.cast::<FibNotifier>();
        (Net::from_raw((*listener).net), Route::from_raw((*info).rt))
    }
}
