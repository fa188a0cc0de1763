// SPDX-License-Identifier: GPL-2.0

//! What the module begins once, and has while the kernel may call it.

use core::marker::PhantomData;
use kernel::sync::lock::{
    GlobalLock,
    GlobalLockBackend, //
};

/// The right to begin the module's only `T`.
///
/// # Invariants
///
/// Nobody else has or had it. The `T` is begun before the kernel can call code of ours that needs it, and
/// ends when it no longer can.
pub(crate) struct Once<T>(PhantomData<fn() -> T>);

impl<T> Once<T> {
    /// Gives out the right.
    ///
    /// # Safety
    ///
    /// This is called once for each `T`, and what comes of it is begun and ended as the invariant says.
    pub(crate) unsafe fn new() -> Self {
        // INVARIANT: The caller promises both.
        Self(PhantomData)
    }
}

impl<B: GlobalLockBackend> Once<B> {
    /// Makes `lock` ready to be taken.
    pub(crate) fn init(self, lock: &'static GlobalLock<B>) {
        // SAFETY: There is one right to do it, and one lock with this backend.
        unsafe { lock.init() }
    }
}
