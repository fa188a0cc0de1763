// SPDX-License-Identifier: GPL-2.0

//! Statics that the kernel writes.

use core::cell::UnsafeCell;

/// Static data that the kernel writes, under its own locks, while it is registered. We write it
/// only before that.
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
