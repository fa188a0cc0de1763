// SPDX-License-Identifier: GPL-2.0

//! `rust/kernel/alloc`. Memory for small objects is always there: what may fail is up to the world.

use crate::error::Error;
use std::ops::{Deref, DerefMut};

/// Whom memory is charged to, and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags(pub u32);

/// `alloc::flags`
pub mod flags {
    use super::Flags;

    /// `GFP_KERNEL`
    pub const GFP_KERNEL: Flags = Flags(1);
}

/// A box.
#[derive(Hash)]
pub struct KBox<T>(Box<T>);

impl<T> KBox<T> {
    /// `value` in a box.
    pub fn new(value: T, _flags: Flags) -> Result<Self, Error> {
        Ok(Self(Box::new(value)))
    }
}

impl<T> Deref for KBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for KBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// A vector.
#[derive(Hash)]
pub struct KVVec<T>(Vec<T>);

impl<T> KVVec<T> {
    /// Without room.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// With room for so many.
    pub fn with_capacity(capacity: usize, _flags: Flags) -> Result<Self, Error> {
        Ok(Self(Vec::with_capacity(capacity)))
    }

    /// Room for so many more.
    pub fn reserve(&mut self, additional: usize, _flags: Flags) -> Result<(), Error> {
        self.0.reserve(additional);
        Ok(())
    }

    /// Without those that do not pass.
    pub fn retain(&mut self, passes: impl FnMut(&mut T) -> bool) {
        self.0.retain_mut(passes);
    }

    /// One more.
    pub fn push(&mut self, value: T, _flags: Flags) -> Result<(), Error> {
        self.0.push(value);
        Ok(())
    }

    /// One more, if there is room.
    pub fn push_within_capacity(&mut self, value: T) -> Result<(), T> {
        if self.0.len() == self.0.capacity() {
            return Err(value);
        }
        self.0.push(value);
        Ok(())
    }
}

impl<T> Deref for KVVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for KVVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> IntoIterator for KVVec<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
