// SPDX-License-Identifier: GPL-2.0

//! Memory that ends where an argument ends, or in the midst of it.

use crate::{
    action::{Argument, Pointer},
    pool::ARGUMENT,
    system::errno,
};
use std::ptr::{self, null_mut};

const PAGE: usize = 4096;

/// Two pages, of which the second cannot be read.
pub struct Memory {
    first: *mut u8,
}

impl Memory {
    pub fn new() -> Result<Self, i32> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: New memory, of which the second half is taken away again.
        unsafe {
            let first = libc::mmap(null_mut(), 2 * PAGE, protection, flags, -1, 0);
            if first == libc::MAP_FAILED || libc::mprotect(first.add(PAGE), PAGE, 0) != 0 {
                return Err(errno());
            }
            Ok(Self {
                first: first.cast(),
            })
        }
    }

    /// Puts the argument where it is said to be, and tells the address.
    pub fn put(&mut self, argument: &Argument) -> usize {
        let there = match argument.pointer {
            Pointer::Good => ARGUMENT,
            Pointer::Cut(count) => count.into(),
            Pointer::Null => return 0,
            Pointer::Low => return 1,
            Pointer::Kernel => return 0xffff_8880_0000_0000,
            Pointer::NonCanonical => return 0x8000_0000_0000_0000,
        };
        let mut octets = [0; ARGUMENT];
        octets[..16].copy_from_slice(&argument.address.octets());
        octets[16..].copy_from_slice(&argument.index.to_ne_bytes());
        // SAFETY: The end of the first page has room for all that is to be there.
        unsafe {
            let start = self.first.add(PAGE - there);
            ptr::copy_nonoverlapping(octets.as_ptr(), start, there);
            start as usize
        }
    }
}
