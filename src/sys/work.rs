// SPDX-License-Identifier: GPL-2.0

//! Work deferred to a kernel thread.
//!
//! C header: `include/linux/workqueue.h`

use super::once::Once;
use crate::bindings;
use core::ptr::null_mut;
use kernel::{
    container_of,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
    types::Opaque, //
};

/// The system's queue, for work that waits for others and takes no lock that much is done under.
pub(crate) static SYSTEM: Queue = Queue::system();

/// A queue of work items that wait for their turn.
///
/// # Invariants
///
/// The pointer is null, or that of a queue which nobody else knows. If it is null and `of_system` set, the
/// queue is the system's.
pub(crate) struct Queue {
    own: Atomic<*mut bindings::workqueue_struct>,
    of_system: bool,
}

impl Queue {
    /// A queue that does not exist yet.
    pub(crate) const fn new() -> Self {
        Self {
            own: Atomic::new(null_mut()),
            of_system: false,
        }
    }

    const fn system() -> Self {
        Self {
            own: Atomic::new(null_mut()),
            of_system: true,
        }
    }

    /// Creates it, the only one of the module, for at most `at_once` items at a time. Sleeps. Fails
    /// with `ENOMEM`.
    pub(crate) fn make(
        &'static self,
        name: &CStr,
        at_once: u32,
        _once: Once<Queueing>,
    ) -> Result<Queueing> {
        // SAFETY: The name is copied.
        let raw = unsafe { bindings::anycast6_helper_make_queue(name.as_char_ptr(), at_once) };
        if raw.is_null() {
            return Err(ENOMEM);
        }
        // INVARIANT: It has just been made.
        self.own.store(raw, Release);
        Ok(Queueing(self))
    }

    fn raw(&self) -> *mut bindings::workqueue_struct {
        if self.of_system {
            // SAFETY: The kernel sets it while it boots, and never again.
            return unsafe { bindings::system_dfl_wq };
        }
        self.own.load(Acquire)
    }
}

/// The queue exists until this is dropped.
///
/// # Invariants
///
/// The queue's pointer is not null.
pub(crate) struct Queueing(&'static Queue);

impl Drop for Queueing {
    /// Waits for the items in the queue.
    fn drop(&mut self) {
        // SAFETY: The pointer is a queue's. By the contract of `Work::open()` all work that goes there has been
        // closed.
        unsafe { bindings::destroy_workqueue(self.0.raw()) }
    }
}

/// A work item that is queued once, no matter how many callers request it.
///
/// # Invariants
///
/// While `open` is set, `raw` is initialised, the memory stays where it is, and the queue is there.
#[repr(C)]
pub(crate) struct Work {
    raw: Opaque<bindings::delayed_work>,
    open: Atomic<bool>,
    queue: &'static Queue,
    run: fn(&Work),
}

// SAFETY: The kernel synchronises what is done to `raw`.
unsafe impl Sync for Work {}

impl Work {
    /// A work item in `queue` that calls `run` with itself in process context, without locks, never
    /// twice at a time.
    pub(crate) const fn new(queue: &'static Queue, run: fn(&Work)) -> Self {
        Self {
            raw: Opaque::uninit(),
            open: Atomic::new(false),
            queue,
            run,
        }
    }

    /// Begins to accept requests.
    ///
    /// # Safety
    ///
    /// The work is not open. Until [`Work::close()`] it stays where it is, and its queue is there.
    pub(crate) unsafe fn open(&self) {
        // SAFETY: Nobody uses `raw` while `open` is not set.
        unsafe { bindings::anycast6_helper_init_work(self.raw.get(), Some(trampoline)) };
        // INVARIANT: `raw` has just been initialised, and the caller keeps the memory.
        self.open.store(true, Release);
    }

    /// Queues it, at the end of the queue. Any context.
    pub(crate) fn soon(&self) {
        if self.open.load(Acquire) {
            // SAFETY: The work is open, so it is initialised and its queue there.
            unsafe { bindings::anycast6_helper_work_now(self.queue.raw(), self.raw.get()) }
        }
    }

    /// Queues it in `msecs` milliseconds, or in an hour if that is earlier, unless it is queued already; an
    /// earlier time stays. Any context.
    pub(crate) fn after(&self, msecs: u64) {
        const LONGEST: u64 = 3_600_000;
        let msecs = msecs.min(LONGEST) as u32;
        if self.open.load(Acquire) {
            // SAFETY: The work is open, so it is initialised and its queue there.
            unsafe {
                bindings::anycast6_helper_work_after(self.queue.raw(), self.raw.get(), msecs);
            }
        }
    }

    /// Stops it: waits until it does not run, and will not run again. Process context, without
    /// locks that `run` takes. Once for each [`Work::open()`].
    ///
    /// Other callers that could request it are gone by then; requests by `run` itself are blocked
    /// by [`cancel_delayed_work_sync`](bindings::cancel_delayed_work_sync).
    pub(crate) fn close(&self) {
        if self.open.load(Acquire) {
            self.open.store(false, Release);
            // SAFETY: The work was open, so it is initialised.
            unsafe { bindings::cancel_delayed_work_sync(self.raw.get()) };
        }
    }
}

/// A work item accepts requests until this is dropped.
pub(crate) struct Running(&'static Work);

impl Running {
    /// Opens `work`.
    ///
    /// # Safety
    ///
    /// The work is not open. Its queue is there until what is returned is dropped.
    pub(crate) unsafe fn start(work: &'static Work) -> Self {
        // SAFETY: The work is not open, and its queue outlives `Self`, by our contract; a static stays.
        unsafe { work.open() };
        Self(work)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// # Safety
///
/// From a workqueue, with the `work` of a [`Work`] that is open.
unsafe extern "C" fn trampoline(work: *mut bindings::work_struct) {
    // SAFETY: The work is the first field of the delayed work, which is the first field of a `Work`, and
    // is there by the invariant.
    let work = unsafe {
        let delayed = container_of!(work, bindings::delayed_work, work);
        &*delayed.cast::<Work>()
    };
    (work.run)(work);
}
