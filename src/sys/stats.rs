// SPDX-License-Identifier: GPL-2.0

//! The counters of a network namespace.

use crate::decide::counter::Counter;
use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

/// Counters, all zero at first.
#[repr(C)]
pub(crate) struct Stats([Atomic<u64>; Counter::COUNT]);

impl Stats {
    /// Counts one. Any context.
    pub(crate) fn count(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Counts `more`. Any context.
    pub(crate) fn add(&self, counter: Counter, more: u64) {
        if let Some(count) = self.0.get(counter.index()) {
            count.add(more, Relaxed);
        }
    }

    /// The count, as of some moment.
    pub(crate) fn get(&self, counter: Counter) -> u64 {
        self.0
            .get(counter.index())
            .map_or(0, |count| count.load(Relaxed))
    }
}
