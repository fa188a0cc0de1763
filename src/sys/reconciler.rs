// SPDX-License-Identifier: GPL-2.0

//! What a network namespace has to bring its groups into line with what has happened: an account of that,
//! and work of its own, so that nobody waits for another's.

use super::{
    net::Net,
    net_device,
    once::Once,
    work::{
        Queue,
        Queueing,
        Work, //
    },
};
use crate::decide::pass::Pass;
use core::ptr::NonNull;
use kernel::{
    container_of, new_mutex,
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

/// Milliseconds until what there was no memory for is tried again.
pub(crate) const RETRY_MSECS: u32 = 1000;

/// Where the namespaces wait for their turn. All of it is done under RTNL, so more at a time would do
/// nothing but wait for each other.
pub(crate) static QUEUE: Queue = Queue::new();

/// Makes the queue. Fails with `ENOMEM`.
pub(crate) fn queue(once: Once<Queueing>) -> Result<Queueing> {
    QUEUE.make(c"anycast6", 1, once)
}

/// The pass that is under way.
pub(crate) type Passing = Option<Pass<net_device::Identity>>;

/// A namespace's part in it.
///
/// # Invariants
///
/// From [`Reconciler::open()`] to [`Reconciler::close()`] `net` is the namespace that it is part of.
#[pin_data]
pub(crate) struct Reconciler {
    work: Work,
    net: NonNull<Net>,
    reconcile: fn(&Net),
    events: Atomic<u64>,
    again: Atomic<bool>,
    #[pin]
    pass: Mutex<Passing>,
}

// SAFETY: The namespace may be used by any task.
unsafe impl Send for Reconciler {}
// SAFETY: All its methods may be called from any task, and the namespace may be used by any.
unsafe impl Sync for Reconciler {}

impl Reconciler {
    /// Of `net`, where nothing has happened. `reconcile` is called after something did.
    pub(super) fn new(net: NonNull<Net>, reconcile: fn(&Net)) -> impl PinInit<Self> {
        pin_init!(Self {
            work: Work::new(&QUEUE, run),
            net,
            reconcile,
            events: Atomic::new(0),
            again: Atomic::new(false),
            pass <- new_mutex!(None, "anycast6 pass"),
        })
    }

    /// Begins to do the work.
    ///
    /// # Safety
    ///
    /// The namespace stays until [`Reconciler::close()`], and has all of ours by now.
    pub(super) unsafe fn open(&self) {
        // SAFETY: It is opened once, with its namespace, where it stays; the queue outlives all namespaces' work.
        unsafe { self.work.open() }
    }

    /// Ends it. Sleeps.
    pub(super) fn close(&self) {
        self.work.close();
    }

    /// Something happened that may concern any group of the namespace. Any context.
    pub(crate) fn soon(&self) {
        self.events.fetch_add(1, Release);
        self.work.soon();
    }

    /// Something has to be tried again, soon ([`RETRY_MSECS`]). Any context.
    pub(crate) fn retry(&self) {
        self.again.store(true, Release);
        self.work.after(RETRY_MSECS);
    }

    /// The pass that is under way goes on. Behind those of all other namespaces that wait.
    pub(crate) fn go_on(&self) {
        self.work.soon();
    }

    /// How often something happened.
    pub(crate) fn events(&self) -> u64 {
        self.events.load(Acquire)
    }

    /// Has anybody asked for another try, since this was asked last?
    pub(crate) fn take_again(&self) -> bool {
        self.again.xchg(false, Full)
    }

    /// The pass that is under way. For the work alone.
    pub(crate) fn pass(&self) -> Guard<'_, Passing, MutexBackend> {
        self.pass.lock()
    }
}

fn run(work: &Work) {
    let work: *const Work = work;
    // SAFETY: No other work calls this, and it is open, so the reconciler is there, and by the invariant its
    // namespace.
    let (reconcile, net) = unsafe {
        let reconciler = container_of!(work, Reconciler, work);
        ((*reconciler).reconcile, (*reconciler).net.as_ref())
    };
    reconcile(net);
}
