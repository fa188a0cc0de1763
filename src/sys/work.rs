// SPDX-License-Identifier: GPL-2.0

//! Work that is put off to a kernel thread.
//!
//! C header: `include/linux/workqueue.h`

use crate::bindings;
use kernel::{
    container_of,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
    types::Opaque, //
};

/// Something to do soon, once for however many who ask.
///
/// # Invariants
///
/// While `open` is set, `raw` is initialised.
#[repr(C)]
pub(crate) struct Work {
    raw: Opaque<bindings::delayed_work>,
    open: Atomic<bool>,
    run: fn(),
}

// SAFETY: The kernel synchronises what is done to `raw`.
unsafe impl Sync for Work {}

/// While it lives, the work is done for those who ask.
pub(crate) struct Running(&'static Work);

impl Work {
    /// Work that calls `run` in process context, no locks held, never twice at a time.
    pub(crate) const fn new(run: fn()) -> Self {
        Self {
            raw: Opaque::uninit(),
            open: Atomic::new(false),
            run,
        }
    }

    /// Begins to do it for those who ask, from now until what it returns is dropped.
    pub(crate) fn start(&'static self) -> Running {
        // SAFETY: Nobody uses `raw` while `open` is not set.
        unsafe { bindings::anycast6_helper_init_work(self.raw.get(), Some(trampoline)) };
        // INVARIANT: `raw` has just been initialised.
        self.open.store(true, Release);
        Running(self)
    }

    /// Asks for it, as soon as may be. Any context.
    pub(crate) fn soon(&'static self) {
        self.after(0);
    }

    /// Asks for it in so many milliseconds, unless it is due earlier. Any context.
    pub(crate) fn after(&'static self, msecs: u32) {
        if self.open.load(Acquire) {
            // SAFETY: By the invariant, it is initialised.
            unsafe { bindings::anycast6_helper_queue_work(self.raw.get(), msecs) }
        }
    }
}

impl Drop for Running {
    /// Waits until it is not being done, and will not be again. Whoever might ask is gone by then, or
    /// is `run` itself, which [`cancel_delayed_work_sync`](bindings::cancel_delayed_work_sync)
    /// stops from asking.
    fn drop(&mut self) {
        self.0.open.store(false, Release);
        // SAFETY: It was initialised by `start()`. Process context, no lock held that `run` takes.
        unsafe { bindings::cancel_delayed_work_sync(self.0.raw.get()) };
    }
}

/// # Safety
///
/// From a workqueue, with the `work` of a [`Work`].
unsafe extern "C" fn trampoline(work: *mut bindings::work_struct) {
    // SAFETY: The work is the first field of the delayed work, which is the first field of a static.
    let work: &Work = unsafe {
        let delayed = container_of!(work, bindings::delayed_work, work);
        &*delayed.cast::<Work>()
    };
    (work.run)();
}
