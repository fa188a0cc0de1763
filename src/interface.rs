// SPDX-License-Identifier: GPL-2.0

//! A device that has groups, and the publish lock under which they come, go, and are published.

use crate::{
    groups::By,
    ledger::{
        Ledger,
        Look,
        Place, //
    },
    objects::{
        Counted,
        INTERFACES, //
    },
    observe, reconcile,
    sys::{
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        rtnl::Rtnl, //
    },
};
use core::{
    mem,
    net::Ipv6Addr, //
};
use kernel::{
    alloc::Flags,
    new_mutex,
    prelude::*,
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
    /// The publish lock.
    #[pin]
    state: Mutex<State>,
    _counted: Counted<INTERFACES>,
}

enum State {
    /// The interface is in the tables.
    Open(Ledger),
    /// The groups are C's, but the index still has them.
    HandedBack { _ledger: Ledger },
    /// The interface has left the tables: what it had is no longer true.
    Closed,
}

/// The interface has left the tables. Whoever finds it so looks there again.
pub(crate) struct Closed;

impl Interface {
    /// An interface with the groups of `ledger`.
    pub(crate) fn new(device: &NetDevice, ledger: Ledger, flags: Flags) -> Result<Arc<Self>> {
        let device = device.into();
        Arc::pin_init(
            pin_init!(Self {
                device,
                state <- new_mutex!(State::Open(ledger), "anycast6 publish"),
                _counted: Counted::new(),
            }),
            flags,
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

    /// See [`Ledger::settle_all()`]. What has to wait is tried again later; what has left the tables is
    /// settled.
    pub(crate) fn settle(&self) {
        if let Ok(Err(_)) = self.with(|ledger| ledger.settle_all(&self.device)) {
            reconcile::later(self.device.net());
        }
    }

    /// See [`Ledger::settle_some()`]. What has left the tables is settled, and nothing left.
    pub(crate) fn settle_some(&self, _rtnl: &Rtnl, left: usize, most: usize) -> (usize, Result) {
        self.with(|ledger| ledger.settle_some(&self.device, left, most))
            .unwrap_or((0, Ok(())))
    }

    /// See [`Ledger::look()`]. What has left the tables has no holders.
    pub(crate) fn look(&self, place: &mut Place) -> Look {
        self.with(|ledger| ledger.look(&self.device, place))
            .unwrap_or(Look::End)
    }

    /// See [`Ledger::make_way()`].
    pub(crate) fn make_way(&self, addr: &Ipv6Addr) -> Result<Result, Closed> {
        self.with(|ledger| ledger.make_way(&self.device, addr))
    }

    /// Leaves all groups to C. They stay in the index until [`Interface::bury()`].
    pub(crate) fn hand_back(&self) {
        self.leave_all(|ledger| ledger.hand_back(&self.device));
    }

    /// As [`Interface::hand_back()`], to whoever is at work on the list already, which stays as it is.
    pub(crate) fn abandon(&self) {
        self.leave_all(|ledger| ledger.abandon(&self.device));
    }

    fn leave_all(&self, leave: impl FnOnce(&mut Ledger)) {
        let mut state = self.state.lock();
        *state = match mem::replace(&mut *state, State::Closed) {
            State::Open(mut ledger) => {
                leave(&mut ledger);
                State::HandedBack { _ledger: ledger }
            }
            closed => closed,
        };
    }

    /// Forgets what is left: after handing back, or once the device has been unregistered and the holds
    /// mean nothing any more.
    pub(crate) fn bury(&self) {
        let mut state = self.state.lock();
        if let State::Open(ledger) = &*state {
            observe::lost(&self.device, ledger.holds());
        }
        *state = State::Closed;
    }

    fn with<T>(&self, action: impl FnOnce(&mut Ledger) -> T) -> Result<T, Closed> {
        match &mut *self.state.lock() {
            State::Open(ledger) => Ok(action(ledger)),
            State::HandedBack { .. } | State::Closed => Err(Closed),
        }
    }
}
