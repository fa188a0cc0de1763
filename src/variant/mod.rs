// SPDX-License-Identifier: GPL-2.0

//! How the module comes into a kernel, and how others find it there.

mod exports;
pub(crate) mod livepatch;

use core::ffi::c_int;
use kernel::prelude::*;

/// What a C caller gets for `result`.
fn errno(result: Result) -> c_int {
    result.map_or_else(|err| err.to_errno(), |()| 0)
}
