// SPDX-License-Identifier: GPL-2.0

//! Memory of what actors allocate. All of it is given back at once, when a run is over: actors are
//! left where they stand, and what they have is not dropped.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

const SIZE: usize = 4 << 20;

thread_local! {
    static BEGIN: Cell<usize> = const { Cell::new(0) };
    static USED: Cell<usize> = const { Cell::new(0) };
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The allocator of the tests.
pub struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: It is the system's, or cuts pieces from a region that the system has given.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !INSIDE.get() {
            // SAFETY: As the caller promises.
            return unsafe { System.alloc(layout) };
        }
        let begin = (BEGIN.get() + USED.get()).next_multiple_of(layout.align());
        let used = begin + layout.size() - BEGIN.get();
        if used > SIZE {
            return std::ptr::null_mut();
        }
        USED.set(used);
        std::ptr::with_exposed_provenance_mut(begin)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        let begin = BEGIN.get();
        if begin == 0 || !(begin..begin + SIZE).contains(&ptr.addr()) {
            // SAFETY: It has not come from the arena.
            unsafe { System.dealloc(ptr, layout) }
        }
    }
}

/// What is allocated from now on is in the arena.
pub fn enter() {
    INSIDE.set(true);
}

/// What is allocated from now on is not.
pub fn leave() {
    INSIDE.set(false);
}

/// All in the arena is given back.
pub fn reset() {
    if BEGIN.get() == 0 {
        let layout = Layout::from_size_align(SIZE, 4096).expect("a page's alignment");
        // SAFETY: The size is not zero.
        let begin = unsafe { System.alloc(layout) };
        assert!(!begin.is_null());
        BEGIN.set(begin.expose_provenance());
    }
    USED.set(0);
}
