// SPDX-License-Identifier: GPL-2.0

//! Whom memory is charged to. All of these sleep.
//!
//! C header: `include/linux/gfp_types.h`

use crate::bindings::{
    self,
    gfp_t, //
};
use core::mem::transmute;
use kernel::{
    alloc::{
        flags,
        Flags, //
    },
    prelude::*, //
};
use pin_init::Zeroable;

/// For what sockets and kernel callers make the module keep: it counts against the memory control group of
/// the caller until it is freed, by whomever. At the limit, after one look for what can be reclaimed, there is
/// none, and nobody is killed.
pub(crate) const CHARGED_OR_NONE: Flags = flags_of(bindings::ANYCAST6_GFP_CHARGED_OR_NONE);

/// For those who do not look whether there was any, like addrconf: charged, too, but the kernel makes room
/// as it does for most of its own objects.
pub(crate) const CHARGED: Flags = flags::GFP_KERNEL_ACCOUNT;

/// For what is made on others' behalf: who loads the module, or sets a link up, does not pay for the groups
/// that others hold.
pub(crate) const UNCHARGED: Flags = flags::GFP_KERNEL;

const fn flags_of(gfp: gfp_t) -> Flags {
    // SAFETY: It is nothing but such a number. Being of the same size, which is checked, it has no room for
    // anything else.
    unsafe { transmute::<gfp_t, Flags>(gfp) }
}

/// The number, for functions in C.
pub(crate) const fn gfp_of(flags: Flags) -> gfp_t {
    // SAFETY: It is nothing but such a number, of the same size.
    unsafe { transmute::<Flags, gfp_t>(flags) }
}

/// Memory for a `T`, all zeroes. Sleeps as `flags` let it. Fails with `ENOMEM`.
pub(crate) fn zeroed<T: Zeroable>(flags: Flags) -> Result<KBox<T>> {
    KBox::init(pin_init::init_zeroed(), flags)
}
