// SPDX-License-Identifier: GPL-2.0

//! `src/store/index.rs`, with room for one group: whether all groups are in it, and where on the kernel's
//! list the group is. An entry's predecessor on the list is left out.

use super::{
    flaw::Flaw,
    kernel::{Dying, Kernel, Memory, Reference, NULL},
};
use loom::{
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::rc::Rc;

/// So many entries may be made.
const ENTRIES: usize = 3;

pub(super) struct Index {
    complete: AtomicBool,
    /// The group's place in the hash.
    hash: AtomicUsize,
    entries: Vec<Entry>,
    made: std::cell::Cell<usize>,
}

struct Entry {
    memory: Cell<Memory>,
    /// A pointer to the group as it is listed, with a reference.
    listed: AtomicUsize,
}

/// That the group is in the index; for as long as it lives.
pub(super) struct Indexed {
    kernel: Rc<Kernel>,
    index: usize,
}

impl Index {
    pub(super) fn new() -> Self {
        let entry = |_| Entry {
            memory: Cell::new(Memory::Unused),
            listed: AtomicUsize::new(NULL),
        };
        Self {
            complete: AtomicBool::new(false),
            hash: AtomicUsize::new(NULL),
            entries: (0..ENTRIES).map(entry).collect(),
            made: std::cell::Cell::new(0),
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    pub(super) fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Where the index says the group is, for an RCU reader.
    pub(super) fn listed(&self) -> usize {
        match self.hash.load(Ordering::Acquire) {
            NULL => NULL,
            pointer => {
                let entry = &self.entries[pointer - 1];
                assert_eq!(entry.memory.get(), Memory::InUse);
                entry.listed.load(Ordering::Acquire)
            }
        }
    }

    /// The memory of an entry.
    pub(super) fn memory(&self, index: usize) -> &Cell<Memory> {
        &self.entries[index].memory
    }
}

impl Kernel {
    /// Sleeps until nobody relies on the index any more.
    pub(super) fn incomplete(&self) {
        self.index.complete.store(false, Ordering::Release);
        if self.flaw != Flaw::ReliedOn {
            self.synchronize_rcu();
        }
    }

    /// Lets the index know where the group is now. Under `idev->lock`.
    pub(super) fn note(self: &Rc<Self>, listed: Option<&Reference>) {
        if self.index.is_complete() {
            if let Some(place) = self.index.hash.load(Ordering::Acquire).checked_sub(1) {
                self.set_listed(place, listed);
            }
        }
    }

    fn set_listed(self: &Rc<Self>, place: usize, listed: Option<&Reference>) {
        let new = listed.map_or(NULL, |group| group.clone().into_raw());
        let entry = &self.index.entries[place];
        let old = entry.listed.swap(new, Ordering::AcqRel);
        drop(self.reference(old));
    }
}

impl Indexed {
    /// Enters the group, as `listed` or dormant.
    pub(super) fn new(kernel: &Rc<Kernel>, listed: Option<&Reference>) -> Self {
        let index = &kernel.index;
        let number = index.made.replace(index.made.get() + 1);
        index.entries[number].memory.set(Memory::InUse);
        index.hash.store(number + 1, Ordering::Release);
        kernel.set_listed(number, listed);
        Self {
            kernel: kernel.clone(),
            index: number,
        }
    }
}

impl Drop for Indexed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let index = &self.kernel.index;
        index.hash.store(NULL, Ordering::Release);
        self.kernel.call_rcu(Dying::Entry(self.index));
        let listed = index.entries[self.index].listed.load(Ordering::Acquire);
        drop(self.kernel.reference(listed));
    }
}
