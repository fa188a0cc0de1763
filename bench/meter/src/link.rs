// SPDX-License-Identifier: GPL-2.0

//! Frames, sent by a packet socket that somebody else has opened and bound.
//!
//! On a machine with one processor the other end of a veth handles a frame before the call returns.

use crate::syscall::value;
use std::{io, os::fd::RawFd};

/// Sends `frame` that many times.
pub fn send(fd: RawFd, frame: &[u8], times: u64) -> io::Result<()> {
    for _ in 0..times {
        // SAFETY: The frame is read during the call, and has that length.
        value(unsafe { libc::send(fd, frame.as_ptr().cast(), frame.len(), 0) } as i64)?;
    }
    Ok(())
}

/// The frame that `digits` write in hexadecimal.
pub fn frame(digits: &str) -> io::Result<Vec<u8>> {
    let pair = |at| {
        digits
            .get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..digits.len())
        .step_by(2)
        .map(|at| pair(at).ok_or_else(|| io::Error::other("not hexadecimal")))
        .collect()
}
