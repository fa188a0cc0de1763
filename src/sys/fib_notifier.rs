// SPDX-License-Identifier: GPL-2.0

//! What the kernel tells of routes: of each network namespace apart.
//!
//! C headers: `include/net/fib_notifier.h`, `include/net/net_namespace.h`

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
    cell::UnsafeCell,
    ffi::{
        c_int,
        c_uint,
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

/// Data that the kernel writes while the namespaces' operations are registered.
#[repr(transparent)]
struct Owned<T>(UnsafeCell<T>);

// SAFETY: Written by the kernel alone, under its lock of such operations.
unsafe impl<T> Sync for Owned<T> {}

/// What each namespace has of ours.
#[repr(C)]
struct PerNet {
    block: bindings::notifier_block,
    net: *mut bindings::net,
}

/// The number by which it has it.
static PER_NET_ID: Owned<c_uint> = Owned(UnsafeCell::new(0));

static OPERATIONS: Owned<bindings::pernet_operations> =
    Owned(UnsafeCell::new(bindings::pernet_operations {
        init: Some(begin),
        exit: Some(end),
        id: PER_NET_ID.0.get(),
        size: size_of::<PerNet>(),
        ..pin_init::zeroed()
    }));

/// Routes of all namespaces, until dropped.
///
/// # Invariants
///
/// [`OPERATIONS`] are registered.
pub(crate) struct FibNotifier;

impl FibNotifier {
    /// Begins. The kernel first tells of every route there is.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: The operations are static, filled in and registered once.
        to_result(unsafe { bindings::register_pernet_subsys(OPERATIONS.0.get()) })?;
        // INVARIANT: As of now.
        Ok(Self)
    }
}

impl Drop for FibNotifier {
    fn drop(&mut self) {
        // SAFETY: By the invariant.
        unsafe { bindings::unregister_pernet_subsys(OPERATIONS.0.get()) }
    }
}

/// What `net` has of ours.
///
/// # Safety
///
/// `net` is alive, and the kernel has called [`begin()`] for it.
unsafe fn per_net(net: *mut bindings::net) -> *mut PerNet {
    // SAFETY: The kernel has set the number before it calls any of the operations.
    unsafe { bindings::anycast6_helper_net_generic(net, *PER_NET_ID.0.get()) }.cast()
}

/// # Safety
///
/// From the kernel, for a namespace that begins, or that is there when the module comes.
unsafe extern "C" fn begin(net: *mut bindings::net) -> c_int {
    // SAFETY: As promised; the memory is zeroed and nobody else knows it.
    unsafe {
        let ours = per_net(net);
        (*ours).net = net;
        (*ours).block.notifier_call = Some(route_event);
        bindings::register_fib_notifier(net, &raw mut (*ours).block, None, null_mut())
    }
}

/// # Safety
///
/// From the kernel, for a namespace that ends, or that is there when the module goes.
unsafe extern "C" fn end(net: *mut bindings::net) {
    // SAFETY: As promised; `begin()` registered it. This waits for callbacks in flight.
    unsafe { bindings::unregister_fib_notifier(net, &raw mut (*per_net(net)).block) };
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
    // SAFETY: The block is the first field of what the namespace has of ours.
    unsafe {
        let info = info.cast::<bindings::fib6_entry_notifier_info>();
        let ours = block.cast::<PerNet>();
        (Net::from_raw((*ours).net), Route::from_raw((*info).rt))
    }
}
