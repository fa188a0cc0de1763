// SPDX-License-Identifier: GPL-2.0

//! What this thread executes of instrumented kernel code (Documentation/dev-tools/kcov.rst).

use crate::system::{checked, errno};
use std::{
    fs::{File, OpenOptions},
    os::fd::AsRawFd,
    ptr::null_mut,
    sync::atomic::{AtomicU64, Ordering},
};

const PATH: &str = "/sys/kernel/debug/kcov";
const KCOV_INIT_TRACE: u64 = 0x8008_6301;
const KCOV_ENABLE: u64 = 0x6364;
const KCOV_TRACE_PC: u64 = 0;
/// Numbers in the buffer: the count, and so many addresses.
const WORDS: usize = 1 << 18;

pub struct Kcov {
    _file: File,
    buffer: *const AtomicU64,
}

impl Kcov {
    /// [`None`] when the kernel has none.
    pub fn new() -> Result<Option<Self>, i32> {
        let Ok(file) = OpenOptions::new().read(true).write(true).open(PATH) else {
            return Ok(None);
        };
        // SAFETY: The calls are as the documentation has them; the buffer is never unmapped.
        unsafe {
            checked(libc::ioctl(file.as_raw_fd(), KCOV_INIT_TRACE, WORDS))?;
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let length = WORDS * size_of::<u64>();
            let fd = file.as_raw_fd();
            let buffer = libc::mmap(null_mut(), length, protection, libc::MAP_SHARED, fd, 0);
            if buffer == libc::MAP_FAILED {
                return Err(errno());
            }
            checked(libc::ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))?;
            Ok(Some(Self {
                _file: file,
                buffer: buffer.cast(),
            }))
        }
    }

    /// Forgets what has been executed.
    pub fn clear(&self) {
        self.word(0).store(0, Ordering::Relaxed);
    }

    /// The addresses that have been executed, in their order.
    pub fn addresses(&self) -> impl Iterator<Item = u64> + '_ {
        let count = self.word(0).load(Ordering::Relaxed) as usize;
        (1..=count.min(WORDS - 1)).map(|place| self.word(place).load(Ordering::Relaxed))
    }

    fn word(&self, place: usize) -> &AtomicU64 {
        assert!(place < WORDS);
        // SAFETY: Within the buffer, which this thread and the kernel on its behalf write to.
        unsafe { &*self.buffer.add(place) }
    }
}
