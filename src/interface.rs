// SPDX-License-Identifier: GPL-2.0

//! A device that has groups, and the publish lock under which they come, go, and are published.

use crate::{
    groups::By,
    ledger::Ledger,
    sys::{
        inet6_dev::Inet6Dev,
        net::Net,
        net_device::NetDevice, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    new_mutex,
    prelude::*,
    seq_file::SeqFile,
    sync::{
        aref::ARef,
        Arc,
        Mutex, //
    },
};

/// A device object and its groups.
///
/// Lives in the [`tables`](crate::tables), and with those who are at work on it. It holds its device, so
/// it has to leave the tables when the device is unregistered.
#[pin_data]
pub(crate) struct Interface {
    device: ARef<NetDevice>,
    /// The publish lock. [`None`] once the interface has left the tables: what it had is then no
    /// longer true.
    #[pin]
    ledger: Mutex<Option<Ledger>>,
}

/// The interface has left the tables. Whoever finds it so looks there again.
pub(crate) struct Closed;

impl Interface {
    /// An interface with the groups of `ledger`.
    pub(crate) fn new(device: &NetDevice, ledger: Ledger) -> Result<Arc<Self>> {
        let device = device.into();
        Arc::pin_init(
            pin_init!(Self {
                device,
                ledger <- new_mutex!(Some(ledger), "anycast6 publish"),
            }),
            GFP_KERNEL,
        )
    }

    /// See [`groups::join()`](crate::groups::join).
    pub(crate) fn join(
        &self,
        idev: &Inet6Dev,
        addr: &Ipv6Addr,
        by: By<'_>,
    ) -> Result<Result, Closed> {
        self.with(|ledger| ledger.join(idev, addr, by))
    }

    /// See [`groups::leave()`](crate::groups::leave).
    pub(crate) fn leave(&self, addr: &Ipv6Addr, by: By<'_>) -> Result<Result, Closed> {
        self.with(|ledger| ledger.leave(&self.device, addr, by))
    }

    /// See [`Ledger::ipv6_gone()`].
    pub(crate) fn ipv6_gone(&self) -> Result<(), Closed> {
        self.with(|ledger| ledger.ipv6_gone(&self.device))
    }

    /// See [`Ledger::settle_all()`]. What has left the tables is settled.
    pub(crate) fn settle(&self) -> Result {
        self.with(|ledger| ledger.settle_all(&self.device))
            .unwrap_or(Ok(()))
    }

    /// Is the device in `net`?
    pub(crate) fn is_in(&self, net: &Net) -> bool {
        self.device.net() == net
    }

    /// See [`Ledger::holds()`].
    pub(crate) fn holds(&self, addr: &Ipv6Addr) -> bool {
        self.with(|ledger| ledger.holds(addr)).unwrap_or(false)
    }

    /// See [`Ledger::list()`].
    pub(crate) fn list(&self, seq: &SeqFile) {
        let _ = self.with(|ledger| ledger.list(&self.device, seq));
    }

    /// See [`Ledger::is_claimed()`].
    pub(crate) fn is_claimed(&self, addr: &Ipv6Addr) -> bool {
        self.with(|ledger| ledger.is_claimed(addr)).unwrap_or(false)
    }

    /// The device has been unregistered: what is left are the holds, which mean nothing any more.
    pub(crate) fn bury(&self) {
        *self.ledger.lock() = None;
    }

    /// Leaves all groups to C.
    pub(crate) fn hand_back(&self) {
        let mut ledger = self.ledger.lock();
        if let Some(ledger) = ledger.take() {
            ledger.hand_back(&self.device);
        }
    }

    fn with<T>(&self, action: impl FnOnce(&mut Ledger) -> T) -> Result<T, Closed> {
        let mut ledger = self.ledger.lock();
        (*ledger).as_mut().map(action).ok_or(Closed)
    }
}
