// SPDX-License-Identifier: GPL-2.0

//! Stacks of their own, to switch between within a thread.
//!
//! A coroutine is begun again without ending: what was on its stack is left as it is. That is what makes a
//! fresh start cheap; unwinding takes longer than all that an actor does.

use crate::{arena, stage};
use std::{
    cell::Cell,
    panic::{catch_unwind, AssertUnwindSafe},
    ptr::null_mut,
};

/// Bytes of a stack. There is no guard page, but a word at the end that is looked at.
const STACK: usize = 256 << 10;
const CANARY: usize = 0x616e_7963_6173_7436;

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".globl anycast6_host_switch",
    "anycast6_host_switch:",
    "push rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "mov [rdi], rsp",
    "mov rsp, rsi",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
);

#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(
    ".globl anycast6_host_switch",
    "anycast6_host_switch:",
    "sub sp, sp, #160",
    "stp x19, x20, [sp]",
    "stp x21, x22, [sp, #16]",
    "stp x23, x24, [sp, #32]",
    "stp x25, x26, [sp, #48]",
    "stp x27, x28, [sp, #64]",
    "stp x29, x30, [sp, #80]",
    "stp d8, d9, [sp, #96]",
    "stp d10, d11, [sp, #112]",
    "stp d12, d13, [sp, #128]",
    "stp d14, d15, [sp, #144]",
    "mov x9, sp",
    "str x9, [x0]",
    "mov sp, x1",
    "ldp x19, x20, [sp]",
    "ldp x21, x22, [sp, #16]",
    "ldp x23, x24, [sp, #32]",
    "ldp x25, x26, [sp, #48]",
    "ldp x27, x28, [sp, #64]",
    "ldp x29, x30, [sp, #80]",
    "ldp d8, d9, [sp, #96]",
    "ldp d10, d11, [sp, #112]",
    "ldp d12, d13, [sp, #128]",
    "ldp d14, d15, [sp, #144]",
    "add sp, sp, #160",
    "ret",
);

extern "C" {
    /// Saves the registers on this stack, and its end at `from`; goes on where `to` was saved.
    fn anycast6_host_switch(from: *mut *mut usize, to: *mut usize);
}

thread_local! {
    /// The end of the stack that waits for the one that runs.
    static RESUMER: Cell<*mut usize> = const { Cell::new(null_mut()) };
    static RUNNING: Cell<*mut Coroutine> = const { Cell::new(null_mut()) };
}

/// A stack, and what runs there.
pub struct Coroutine {
    stack: Box<[usize]>,
    end: *mut usize,
    play: Option<Box<dyn FnOnce()>>,
    /// The play has come to its end.
    ended: bool,
}

impl Coroutine {
    /// An empty stack.
    pub fn new() -> Self {
        let mut stack = vec![0; STACK / size_of::<usize>()].into_boxed_slice();
        stack[0] = CANARY;
        Self {
            stack,
            end: null_mut(),
            play: None,
            ended: false,
        }
    }

    /// Runs `play` from its beginning, the next time; what ran here is forgotten where it stood.
    pub fn begin(&mut self, play: Box<dyn FnOnce()>) {
        // What it was has been given back with the arena.
        std::mem::forget(self.play.replace(play));
        self.ended = false;
        // Registers, and among them where to go on: behind six others, or the twelfth of twenty.
        let (saved, entry) = match cfg!(target_arch = "x86_64") {
            true => (7, 6),
            false => (20, 11),
        };
        let mut end = self.stack.len() - 32;
        // As behind a call there, and aligned here.
        let behind = usize::from(cfg!(target_arch = "x86_64"));
        let address = |place: usize| self.stack[place..].as_ptr().addr() / size_of::<usize>();
        if address(end + saved) % 2 != behind {
            end += 1;
        }
        self.stack[end..].fill(0);
        self.stack[end + entry] = run as extern "C" fn() -> ! as usize;
        self.end = &raw mut self.stack[end];
    }

    /// Has the play come to its end?
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Lets it run until it pauses.
    pub fn resume(&mut self) {
        RUNNING.set(self);
        arena::enter();
        // SAFETY: `end` was saved by a switch, or made by `begin()` to look like that.
        unsafe { anycast6_host_switch(RESUMER.with(Cell::as_ptr), self.end) }
        arena::leave();
        RUNNING.set(null_mut());
        assert_eq!(self.stack[0], CANARY, "the stack is too small");
    }
}

/// Does a coroutine run?
pub fn is_running() -> bool {
    !RUNNING.get().is_null()
}

/// Goes back to whoever lets the coroutine run.
pub fn pause() {
    let running = RUNNING.get();
    assert!(!running.is_null());
    // SAFETY: The coroutine runs, so it is there, and somebody waits for it.
    unsafe { anycast6_host_switch(&raw mut (*running).end, RESUMER.get()) }
}

extern "C" fn run() -> ! {
    // SAFETY: The coroutine runs, so it is there.
    let play = unsafe { (*RUNNING.get()).play.take() };
    if let Some(play) = play {
        // Nobody could catch what comes out of this stack.
        if catch_unwind(AssertUnwindSafe(play)).is_err() {
            stage::complain("a panic, see above");
        }
    }
    // SAFETY: As above.
    unsafe { (*RUNNING.get()).ended = true };
    loop {
        pause();
    }
}
