// SPDX-License-Identifier: GPL-2.0

//! Statics that are the kernel's to write.

use core::cell::UnsafeCell;

/// Static data of ours that the kernel writes, under locks of its own, while it is registered there.
/// We write it before that alone.
#[repr(transparent)]
pub(crate) struct Owned<T>(UnsafeCell<T>);

// SAFETY: Before the registration nobody else knows it, and after it the kernel alone writes.
unsafe impl<T> Sync for Owned<T> {}

impl<T> Owned<T> {
    /// The data as it is handed to the kernel.
    pub(crate) const fn new(data: T) -> Self {
        Self(UnsafeCell::new(data))
    }

    /// The kernel's pointer.
    pub(crate) const fn get(&self) -> *mut T {
        self.0.get()
    }
}
