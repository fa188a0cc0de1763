// SPDX-License-Identifier: GPL-2.0

//! The memory control group that memory is charged to. All of these flags allow sleeping.
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

/// For memory that sockets and kernel callers cause: charged to the caller's memory control group
/// until it is freed. At the limit the allocation fails after one attempt to reclaim, without
/// invoking the OOM killer.
pub(crate) const CHARGED_OR_NONE: Flags = flags_of(bindings::ANYCAST6_GFP_CHARGED_OR_NONE);

/// For callers that do not check for failure, like addrconf: charged as well, but the kernel makes
/// room as for most of its own objects.
pub(crate) const CHARGED: Flags = flags::GFP_KERNEL_ACCOUNT;

/// For memory on behalf of others: loading the module or setting a link up is not charged for the
/// groups that others hold.
pub(crate) const UNCHARGED: Flags = flags::GFP_KERNEL;

const fn flags_of(gfp: gfp_t) -> Flags {
    // SAFETY: It is nothing but such a number. Being of the same size, which is checked, it has no room for
    // anything else.
    unsafe { transmute::<gfp_t, Flags>(gfp) }
}

/// The flags as a number, for C functions.
pub(crate) const fn gfp_of(flags: Flags) -> gfp_t {
    // SAFETY: It is nothing but such a number, of the same size.
    unsafe { transmute::<Flags, gfp_t>(flags) }
}

/// Memory for a `T`, all zeroes. Sleeps as `flags` let it. Fails with `ENOMEM`.
pub(crate) fn zeroed<T: Zeroable>(flags: Flags) -> Result<KBox<T>> {
    KBox::init(pin_init::init_zeroed(), flags)
}
