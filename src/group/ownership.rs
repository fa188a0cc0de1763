// SPDX-License-Identifier: GPL-2.0

//! Whether this module is still the implementation that the kernel runs, and the groups are where
//! it left them.
//!
//! No callback reports that another livepatch has replaced this one. So every change of a group
//! checks first. A group that is missing from its place means that somebody else is at work:
//! nothing is retried, and the registry is dropped. After that C's lists are all there is, as
//! during a transition, until the module is loaded again.

use crate::{
    store::index,
    sys::{
        livepatch::Livepatch,
        net_device::NetDevice,
        work::Work, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        SetOnce, //
    },
};

static PATCH: SetOnce<&'static Livepatch> = SetOnce::new();
static LOST: Atomic<bool> = Atomic::new(false);
static CLOSING: SetOnce<&'static Work> = SetOnce::new();

/// Begins to watch ownership of `patch`. `closing` drops the registry when it is lost.
pub(crate) fn begin(patch: &'static Livepatch, closing: &'static Work) {
    PATCH.populate(patch);
    CLOSING.populate(closing);
}

/// Whether the registry may be used to change groups. Any context.
pub(crate) fn is_ours() -> bool {
    !LOST.load(Relaxed) && !is_replaced()
}

/// Whether another livepatch has replaced ours. Any context.
pub(crate) fn is_replaced() -> bool {
    PATCH.as_ref().is_none_or(|patch| !patch.is_enabled())
}

/// The group `addr` of `device` is not where it was left: ownership is lost.
pub(crate) fn lost(device: &NetDevice, addr: &Ipv6Addr) {
    if !LOST.xchg(true, Full) {
        pr_err!(
            "{}: the group {:?} is not where it was left: groups are kept as in C until anycast6 is loaded anew\n",
            device.name(),
            addr,
        );
        index::doubt();
        if let Some(closing) = CLOSING.as_ref() {
            closing.soon();
        }
    }
}
