// SPDX-License-Identifier: GPL-2.0

//! A namespace's alarm: work that is done at a time.

use super::{
    net::Net,
    work::{
        Queue,
        Work, //
    },
};
use core::ptr::NonNull;
use kernel::container_of;

static QUEUE: Queue = Queue::system();

/// The alarm of a namespace.
///
/// # Invariants
///
/// From [`Alarm::open()`] to [`Alarm::close()`] `net` is the namespace that it is part of.
pub(crate) struct Alarm {
    work: Work,
    net: NonNull<Net>,
    ring: fn(&Net),
}

// SAFETY: The namespace may be used by any task.
unsafe impl Send for Alarm {}
// SAFETY: All its methods may be called from any task, and the namespace may be used by any.
unsafe impl Sync for Alarm {}

impl Alarm {
    /// The alarm of `net`, which is not set. When its time has come `ring` is called, in process context and
    /// without locks, never twice at a time.
    pub(super) fn new(net: NonNull<Net>, ring: fn(&Net)) -> Self {
        Self {
            work: Work::new(&QUEUE, run),
            net,
            ring,
        }
    }

    /// Begins to work.
    ///
    /// # Safety
    ///
    /// The namespace stays until [`Alarm::close()`], and has all of ours by now.
    pub(super) unsafe fn open(&self) {
        // SAFETY: It is opened once, with its namespace, where it stays. The system's queue is always there.
        unsafe { self.work.open() }
    }

    /// Stops it. Sleeps.
    pub(super) fn close(&self) {
        self.work.close();
    }

    /// Lets it ring at once. Any context.
    pub(crate) fn now(&self) {
        self.work.soon();
    }

    /// Lets it ring in `msecs` milliseconds or, if it has been set, at the earlier time. Any context.
    pub(crate) fn after(&self, msecs: u64) {
        // It may ring too early.
        const LONGEST: u64 = 3_600_000;
        self.work.after(msecs.min(LONGEST) as u32);
    }
}

fn run(work: &Work) {
    let work: *const Work = work;
    // SAFETY: No other work calls this, and it is open, so the alarm is there, and by the invariant its
    // namespace.
    let (ring, net) = unsafe {
        let alarm = container_of!(work, Alarm, work);
        ((*alarm).ring, (*alarm).net.as_ref())
    };
    ring(net);
}
