// SPDX-License-Identifier: GPL-2.0

//! Whether an address is a unicast address of a device, or is about to become one.
//!
//! The kernel asks whether an address may be added ([`events::address_wanted()`]) a moment before it
//! adds it. A join that comes in between must know of it. So who agrees to an address says so here, and
//! looks for a group under the same lock under which a join looks here and enters its group: the publish
//! lock of the device, or, while it is not in them, the lock of the side tables.
//!
//! There is one place for all devices and namespaces: each address that is asked about is added under
//! RTNL, which is one mutex, held from the question to the end (`rtnl_net_lock()` takes it, too). What
//! is not asked about, addresses by router advertisement, is not here, and not before an event tells of
//! it does a group yield.
//!
//! [`events::address_wanted()`]: crate::entry::events::address_wanted

use crate::sys::{
    net_device::{
        Identity,
        NetDevice, //
    },
    rtnl::Rtnl, //
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
};

type Expected = Option<(Identity, Ipv6Addr)>;

kernel::sync::global_lock! {
    /// The unicast address that a device is about to get.
    // SAFETY: Initialised by `takeover`, before anything else of the module runs.
    pub(crate) unsafe(uninit) static EXPECTED: SpinLockIrq<Expected> = None;
}

/// Is there one? Spares joins the lock, which is one for all.
static ANY: Atomic<bool> = Atomic::new(false);

/// `device` is about to get the unicast address `addr`. Under the lock under which joins look.
pub(crate) fn expect(device: &NetDevice, addr: &Ipv6Addr, _rtnl: &Rtnl) {
    *EXPECTED.lock() = Some((device.identity(), *addr));
    // Whoever looks has the caller's lock after it.
    ANY.store(true, Relaxed);
}

/// `device` has got `addr`, or has lost it. Any context.
pub(crate) fn settled(device: &NetDevice, addr: &Ipv6Addr) {
    forget(|expected| *expected == Some((device.identity(), *addr)));
}

/// Whoever was to add an address has done so, or failed: RTNL is ours.
pub(crate) fn over(_rtnl: &Rtnl) {
    forget(|_| true);
}

/// Has `device` the unicast address `addr`, be it tentative, or is it about to get it?
pub(crate) fn has(device: &NetDevice, addr: &Ipv6Addr) -> bool {
    // In this order: it is expected until it is there.
    is_expected(device, addr) || device.has_address(addr)
}

fn is_expected(device: &NetDevice, addr: &Ipv6Addr) -> bool {
    ANY.load(Acquire) && *EXPECTED.lock() == Some((device.identity(), *addr))
}

fn forget(is_meant: impl Fn(&Expected) -> bool) {
    if !ANY.load(Relaxed) {
        return;
    }
    let mut expected = EXPECTED.lock();
    if is_meant(&expected) {
        *expected = None;
        ANY.store(false, Release);
    }
}
