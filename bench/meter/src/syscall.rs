// SPDX-License-Identifier: GPL-2.0

//! System calls that answer as C has it.

use std::io;

/// The value of a system call, or why it failed.
pub fn value(result: impl Into<i64>) -> io::Result<usize> {
    usize::try_from(result.into()).map_err(|_| io::Error::last_os_error())
}
