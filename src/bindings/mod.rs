// SPDX-License-Identifier: GPL-2.0

//! The output of bindgen for `bindings.h`. Only `variant`, `store` and `sys` may use it.
//!
//! The `kernel` crate's own bindings lack the IPv6 types that this module needs, and have the
//! networking types without their fields. So the module brings a complete set of its own.

#![allow(
    clippy::all,
    dead_code,
    improper_ctypes,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]
#![allow(
    clippy::cast_lossless,
    clippy::ptr_as_ptr,
    clippy::ref_as_ptr,
    clippy::undocumented_unsafe_blocks
)]

pub(crate) mod symbols;

use kernel::ffi;
use pin_init::{
    MaybeZeroable,
    Zeroable, //
};

// bindgen's parameters leave the definition of these to the including file.
type __kernel_size_t = usize;
type __kernel_ssize_t = isize;
type __kernel_ptrdiff_t = isize;

// SAFETY: A newtype around `Storage`.
unsafe impl<Storage: Zeroable> Zeroable for __BindgenBitfieldUnit<Storage> {}

include!(env!("ANYCAST6_BINDINGS"));
