// SPDX-License-Identifier: GPL-2.0

//! The processor's counter.

/// What `action` returns, and what it cost.
pub fn cost<T>(action: impl FnOnce() -> T) -> (T, u64) {
    let before = now();
    let result = action();
    (result, now() - before)
}

fn now() -> u64 {
    // SAFETY: Every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::_rdtsc() }
}
