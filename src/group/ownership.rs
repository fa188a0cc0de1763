// SPDX-License-Identifier: GPL-2.0

//! Whether this module is what the kernel runs, and the groups are where it has left them.
//!
//! No callback tells of it when another livepatch takes this one's place. So whoever changes groups asks
//! first, and takes a group that is not where it should be for a sign that somebody else is at work: nothing
//! is tried again then, and the side tables are closed. After that C's lists are all there is, as during a
//! transition, until the module is loaded anew.

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

/// Ownership may be lost from now on, that of `patch`. `closing` closes the side tables then.
pub(crate) fn begin(patch: &'static Livepatch, closing: &'static Work) {
    PATCH.populate(patch);
    CLOSING.populate(closing);
}

/// May groups be changed by what is known of them? Any context.
pub(crate) fn is_ours() -> bool {
    !LOST.load(Relaxed) && !is_replaced()
}

/// Has another livepatch taken our place? Any context.
pub(crate) fn is_replaced() -> bool {
    PATCH.as_ref().is_none_or(|patch| !patch.is_enabled())
}

/// The group `addr` of `device` is not where it was left.
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
