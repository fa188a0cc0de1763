// SPDX-License-Identifier: GPL-2.0

//! Checks that this is the very kernel that the module was built for.
//!
//! Version and configuration are not enough: another build of the same source may be patched, and
//! its replaced functions and private facts have not been reviewed (`kernels/`).

use crate::{
    bindings::{
        self,
        symbols, //
    },
    decide::build_id::{
        build_id, //
        DIGITS,
    },
};
use core::slice;
use kernel::{
    prelude::*,
    str::BStr, //
};

/// Refuses any other kernel (`ENOEXEC`). Any context.
pub(crate) fn check() -> Result {
    let (expected, running) = (expected(), build_id(notes()));
    if running.as_ref() == Some(expected) {
        return Ok(());
    }
    pr_err!(
        "not loaded, nothing changed: built for the kernel with build ID {}, this one has {}\n",
        BStr::from_bytes(expected),
        running
            .as_ref()
            .map_or(BStr::from_bytes(b"none"), |id| BStr::from_bytes(id)),
    );
    Err(ENOEXEC)
}

/// The build ID of the kernel that the module was built for.
fn expected() -> &'static [u8; DIGITS] {
    // SAFETY: It is constant, and of so many digits, as built_for.c asserts.
    unsafe { &*(&raw const bindings::anycast6_built_for).cast() }
}

/// The notes of the running kernel.
fn notes() -> &'static [u8] {
    let (begin, end) = (symbols::__start_notes(), symbols::__stop_notes());
    // SAFETY: The linker has put the notes between the two, and they are constant.
    unsafe { slice::from_raw_parts(begin, end.addr() - begin.addr()) }
}
