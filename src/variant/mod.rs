// SPDX-License-Identifier: GPL-2.0

//! How the module attaches to a kernel, and the functions that it exports.

mod exports;
pub(crate) mod livepatch;
mod netlink;

use core::ffi::c_int;
use kernel::prelude::*;

/// The return value for a C caller: zero or a negative errno.
fn errno(result: Result) -> c_int {
    result.map_or_else(|err| err.to_errno(), |()| 0)
}
