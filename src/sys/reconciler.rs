// SPDX-License-Identifier: GPL-2.0

//! A namespace's record of the events that its groups have to be reconciled with, and its own work
//! item, so that no namespace waits for another's work as a whole.

use super::{
    net::Net,
    net_device,
    net_work::NetWork,
    once::Once,
    work::{
        Queue,
        Queueing, //
    },
};
use crate::decide::pass::Pass;
use core::ptr::NonNull;
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Release, //
        },
        lock::{
            mutex::MutexBackend,
            Guard, //
        },
        Mutex, //
    },
};

/// Milliseconds until a retry after a lack of memory.
pub(crate) const RETRY_MSECS: u64 = 1000;

/// The queue in which namespaces wait for their turn. All its work runs under RTNL, so work in
/// parallel would only contend.
pub(crate) static QUEUE: Queue = Queue::new();

/// Creates the queue. Fails with `ENOMEM`.
pub(crate) fn queue(once: Once<Queueing>) -> Result<Queueing> {
    QUEUE.make(c"anycast6", 1, once)
}

/// The current pass.
pub(crate) type Passing = Option<Pass<net_device::Identity>>;

/// The reconciler of a namespace.
#[pin_data]
pub(crate) struct Reconciler {
    work: NetWork,
    events: Atomic<u64>,
    again: Atomic<bool>,
    #[pin]
    pass: Mutex<Passing>,
}

impl Reconciler {
    /// A reconciler of `net`, without events. `reconcile` is called after events.
    pub(super) fn new(net: NonNull<Net>, reconcile: fn(&Net)) -> impl PinInit<Self> {
        pin_init!(Self {
            work: NetWork::new(&QUEUE, net, reconcile),
            events: Atomic::new(0),
            again: Atomic::new(false),
            pass <- new_mutex!(None, "anycast6 pass"),
        })
    }

    /// Begins to run the work.
    ///
    /// # Safety
    ///
    /// The namespace stays until [`Reconciler::close()`], and has all of ours by now.
    pub(super) unsafe fn open(&self) {
        // SAFETY: It is opened once, with its namespace, where it stays; the queue outlives all namespaces' work.
        unsafe { self.work.open() }
    }

    /// Stops the work. Sleeps.
    pub(super) fn close(&self) {
        self.work.close();
    }

    /// Records an event that may concern any group of the namespace, and queues the work. Any
    /// context.
    pub(crate) fn soon(&self) {
        self.events.fetch_add(1, Release);
        self.work.soon();
    }

    /// Requests a retry after [`RETRY_MSECS`]. Any context.
    pub(crate) fn retry(&self) {
        self.again.store(true, Release);
        self.work.after(RETRY_MSECS);
    }

    /// Continues the current pass, after those of all other waiting namespaces.
    pub(crate) fn go_on(&self) {
        self.work.soon();
    }

    /// The number of events.
    pub(crate) fn events(&self) -> u64 {
        self.events.load(Acquire)
    }

    /// Whether a retry has been requested since the last call.
    pub(crate) fn take_again(&self) -> bool {
        self.again.xchg(false, Full)
    }

    /// The current pass. For the work alone.
    pub(crate) fn pass(&self) -> Guard<'_, Passing, MutexBackend> {
        self.pass.lock()
    }
}
