// SPDX-License-Identifier: GPL-2.0

//! Whether an address is a unicast address of a device, or is about to become one.
//!
//! The kernel asks whether an address may be added ([`AddressListener::wanted()`]) just before it
//! adds it. A join in between must know. So the address is recorded here and groups are looked up
//! in one critical section, under the same lock under which a join checks here and adds its group:
//! the publish lock of the device, or the lock of the registry for a device that is not in it.
//!
//! One record is enough for all devices and namespaces: each such address is added under RTNL, a
//! single mutex, which is held from the question to the end (`rtnl_net_lock()` takes it as well).
//! Addresses from router advertisements are added without the question, so they are never recorded.
//! A group yields to them when the event of the address arrives.
//!
//! [`AddressListener::wanted()`]: crate::sys::notifiers::AddressListener::wanted

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

/// Whether there is one. Saves joins the global lock.
static ANY: Atomic<bool> = Atomic::new(false);

/// `device` is about to get the unicast address `addr`. Under the lock that joins hold when they
/// call [`has()`].
pub(crate) fn expect(device: &NetDevice, addr: &Ipv6Addr, _rtnl: &Rtnl) {
    *EXPECTED.lock() = Some((device.identity(), *addr));
    // Ordered by the caller's lock, which readers take after it.
    ANY.store(true, Relaxed);
}

/// `device` has got or lost `addr`. Any context.
pub(crate) fn settled(device: &NetDevice, addr: &Ipv6Addr) {
    forget(|expected| *expected == Some((device.identity(), *addr)));
}

/// The last attempt to add an address has succeeded or failed, as RTNL is held.
pub(crate) fn over(_rtnl: &Rtnl) {
    forget(|_| true);
}

/// Whether `device` has the unicast address `addr`, tentative or not, or is about to get it.
pub(crate) fn has(device: &NetDevice, addr: &Ipv6Addr) -> bool {
    // Keep the order: an address is expected until it has been added.
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
