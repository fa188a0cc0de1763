// SPDX-License-Identifier: GPL-2.0

//! Work of a network namespace.

use super::{
    net::Net,
    work::{
        Queue,
        Work, //
    },
};
use core::ptr::NonNull;
use kernel::container_of;

/// A work item of a namespace, queued once no matter how many callers request it.
///
/// # Invariants
///
/// From [`NetWork::open()`] to [`NetWork::close()`] `net` is the namespace that it is part of.
pub(crate) struct NetWork {
    work: Work,
    net: NonNull<Net>,
    run: fn(&Net),
}

// SAFETY: The namespace may be used by any task.
unsafe impl Send for NetWork {}
// SAFETY: All its methods may be called from any task, and the namespace may be used by any.
unsafe impl Sync for NetWork {}

impl NetWork {
    /// Work in `queue` that calls `run` with `net`, in process context, without locks, never twice at a
    /// time.
    pub(super) fn new(queue: &'static Queue, net: NonNull<Net>, run: fn(&Net)) -> Self {
        Self {
            work: Work::new(queue, trampoline),
            net,
            run,
        }
    }

    /// Begins to accept requests.
    ///
    /// # Safety
    ///
    /// It is not open. The namespace stays until [`NetWork::close()`], and has all of ours by now; the
    /// queue is there until then.
    pub(super) unsafe fn open(&self) {
        // SAFETY: It is not open, is part of the namespace, where it stays, and its queue is there.
        unsafe { self.work.open() }
    }

    /// Stops it: waits until it does not run, and will not run again. Sleeps.
    pub(super) fn close(&self) {
        self.work.close();
    }

    /// Queues it, at the end of the queue. Any context.
    pub(crate) fn soon(&self) {
        self.work.soon();
    }

    /// Queues it later: see [`Work::after()`]. Any context.
    pub(crate) fn after(&self, msecs: u64) {
        self.work.after(msecs);
    }
}

fn trampoline(work: &Work) {
    let work: *const Work = work;
    // SAFETY: No other work calls this, and it is open, so it is there, and by the invariant its namespace.
    let (run, net) = unsafe {
        let this = container_of!(work, NetWork, work);
        ((*this).run, (*this).net.as_ref())
    };
    run(net);
}
