// SPDX-License-Identifier: GPL-2.0

//! What the kernel tells of routes: of each network namespace apart.
//!
//! C header: `include/net/fib_notifier.h`

use super::{
    face::Face,
    net::Net,
    route::Route,
    work::{
        Queue,
        Queueing,
        Work, //
    },
};
use crate::{
    bindings,
    events::{
        self,
        RouteEvent, //
    },
    objects::{
        self,
        Counted, //
    },
};
use core::{
    cell::UnsafeCell,
    ffi::{
        c_int,
        c_void, //
    },
    ptr::null_mut,
};
use kernel::{
    container_of,
    error::to_result,
    ffi::c_ulong,
    prelude::*, //
};

/// Nobody has to stop or to fail.
const DONE: c_int = bindings::NOTIFY_DONE as c_int;

/// Where namespaces wait to be listened to, and no more. The latter takes a grace period each, which all
/// of them may wait for at the same time.
static QUEUE: Queue = Queue::new();

/// Makes the queue. Fails with `ENOMEM`.
pub(crate) fn queue() -> Result<Queueing> {
    QUEUE.make(c"anycast6 routes", None)
}

/// Milliseconds for which a namespace without groups is still listened to, so that who joins and leaves
/// again and again does not have the kernel tell of every route each time; and after which is tried again
/// what failed, for routes changed all the time.
const PAUSE_MSECS: u32 = 1000;

/// A listener to the routes of a namespace, as long as that has groups.
///
/// # Invariants
///
/// While `listening` is something, `block` is in the chain of `net`. It is the work's alone, until that ends.
#[repr(C)]
pub(super) struct FibNotifier {
    block: bindings::notifier_block,
    net: *mut bindings::net,
    work: Work,
    listening: UnsafeCell<Option<Counted<{ objects::LISTENERS }>>>,
}

impl FibNotifier {
    /// Begins to listen to `net` when that has groups, and to cease when it has none.
    ///
    /// # Safety
    ///
    /// `this` is zeroed memory that nobody else knows, and that stays until [`FibNotifier::end()`]. The
    /// namespace has all of ours by now.
    pub(super) unsafe fn begin(this: *mut Self, net: &Net) {
        // SAFETY: As promised; the namespace is alive.
        unsafe {
            (*this).net = net.as_ptr();
            (*this).block.notifier_call = Some(route_event);
            (&raw mut (*this).listening).write(UnsafeCell::new(None));
            (&raw mut (*this).work).write(Work::new(&QUEUE, adjust));
            (*this).work.open();
        }
    }

    /// Ends it. This waits for callbacks in flight.
    ///
    /// # Safety
    ///
    /// After a [`FibNotifier::begin()`], once.
    pub(super) unsafe fn end(this: *mut Self) {
        // SAFETY: As promised; the work is not at it any more.
        unsafe {
            (*this).work.close();
            Self::cease(this);
        }
    }

    /// The namespace has groups now. Any context.
    pub(super) fn groups_came(&self) {
        self.work.soon();
    }

    /// The namespace has none any more. Any context.
    pub(super) fn groups_went(&self) {
        self.work.after(PAUSE_MSECS);
    }

    /// Listens. The kernel first tells of every route there is. Fails with `EBUSY` while they change.
    ///
    /// # Safety
    ///
    /// By the work alone.
    unsafe fn listen(this: *mut Self) -> Result {
        // SAFETY: By the invariant, the block is in no chain; the namespace is alive while the work is open.
        to_result(unsafe {
            bindings::register_fib_notifier((*this).net, &raw mut (*this).block, None, null_mut())
        })?;
        // INVARIANT: It has just been registered.
        // SAFETY: By the invariant it is ours.
        unsafe { *(*this).listening.get() = Some(Counted::new()) };
        Ok(())
    }

    /// Ceases to listen.
    ///
    /// # Safety
    ///
    /// By the work, or after its end.
    unsafe fn cease(this: *mut Self) {
        // SAFETY: As promised, so that by the invariant it is ours.
        if unsafe { (*(*this).listening.get()).take() }.is_some() {
            // SAFETY: By the invariant it was registered; the namespace is alive.
            unsafe { bindings::unregister_fib_notifier((*this).net, &raw mut (*this).block) };
        }
    }
}

/// Listens if there are groups, and not otherwise.
fn adjust(work: &Work) {
    let work = core::ptr::from_ref(work).cast_mut();
    // SAFETY: No other work calls this, and it is open, so the listener is there, and its namespace alive.
    let (this, net) = unsafe {
        let this = container_of!(work, FibNotifier, work);
        (this, Net::from_raw((*this).net))
    };
    // SAFETY: As above. This is the work.
    unsafe {
        match (net.has_groups(), (*(*this).listening.get()).is_some()) {
            (true, false) => {
                if FibNotifier::listen(this).is_err() {
                    (*this).work.after(PAUSE_MSECS);
                }
            }
            (false, true) => return FibNotifier::cease(this),
            _ => return,
        }
    }
    // What happened before was told to nobody, nor is what happens before another try.
    net.reconciler().soon();
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
