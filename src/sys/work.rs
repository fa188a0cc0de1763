// SPDX-License-Identifier: GPL-2.0

//! Work that is put off to a kernel thread.
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

/// A queue of work, each item of which waits for its turn.
///
/// # Invariants
///
/// The pointer is null, or that of a queue which nobody else knows.
pub(crate) struct Queue(Atomic<*mut bindings::workqueue_struct>);

impl Queue {
    /// A queue that is not there yet.
    pub(crate) const fn new() -> Self {
        Self(Atomic::new(null_mut()))
    }

    /// Makes it, the only one of the module, for at most `at_once` items at a time. Sleeps. Fails with `ENOMEM`.
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
        self.0.store(raw, Release);
        Ok(Queueing(self))
    }

    fn raw(&self) -> *mut bindings::workqueue_struct {
        self.0.load(Acquire)
    }
}

/// While it lives, the queue is there.
///
/// # Invariants
///
/// The queue's pointer is not null.
pub(crate) struct Queueing(&'static Queue);

impl Drop for Queueing {
    /// Waits for what is in the queue.
    fn drop(&mut self) {
        // SAFETY: The pointer is a queue's. By the contract of `Work::open()` all work that goes there has been
        // closed.
        unsafe { bindings::destroy_workqueue(self.0.raw()) }
    }
}

/// Something to do soon, once for however many who ask.
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
    /// Work in `queue` that calls `run` with itself in process context, no locks held, never twice at a
    /// time.
    pub(crate) const fn new(queue: &'static Queue, run: fn(&Work)) -> Self {
        Self {
            raw: Opaque::uninit(),
            open: Atomic::new(false),
            queue,
            run,
        }
    }

    /// Begins to do it for those who ask.
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

    /// Asks for it, at the end of the queue. Any context.
    pub(crate) fn soon(&self) {
        if self.open.load(Acquire) {
            // SAFETY: The work is open, so it is initialised and its queue there.
            unsafe { bindings::anycast6_helper_work_now(self.queue.raw(), self.raw.get()) }
        }
    }

    /// Asks for it in so many milliseconds, unless it is asked for already: what is due earlier stays so.
    /// Any context.
    pub(crate) fn after(&self, msecs: u32) {
        if self.open.load(Acquire) {
            // SAFETY: The work is open, so it is initialised and its queue there.
            unsafe {
                bindings::anycast6_helper_work_after(self.queue.raw(), self.raw.get(), msecs);
            }
        }
    }

    /// Waits until it is not being done, and will not be again. Process context, no lock held that `run`
    /// takes. Once for each [`Work::open()`].
    ///
    /// Whoever might ask is gone by then, or is `run` itself, which
    /// [`cancel_delayed_work_sync`](bindings::cancel_delayed_work_sync) stops from asking.
    pub(crate) fn close(&self) {
        if self.open.load(Acquire) {
            self.open.store(false, Release);
            // SAFETY: The work was open, so it is initialised.
            unsafe { bindings::cancel_delayed_work_sync(self.raw.get()) };
        }
    }
}

/// While it lives, the work is done for those who ask.
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
