// SPDX-License-Identifier: GPL-2.0

//! The groups of one device, and its publish lock, which serializes joins, leaves and publication.

use super::{
    by::By,
    group::Group,
    members::Turn,
    place::{
        Look,
        Place, //
    },
    set::GroupSet,
    user_order::{
        OrderError,
        UserOrder, //
    },
};
use crate::{
    publish::{
        handover,
        monitor::Report,
        observe, //
    },
    sys::{
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        objects::{
            Counted,
            INTERFACES, //
        },
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
    }, //
};

/// A device object and its groups.
///
/// Referenced by the [`registry`](crate::group::registry) and by tasks that work on it. It holds a
/// reference to its device, so it has to leave the registry when the device is unregistered or
/// leaves its namespace. A task that holds the publish lock while the state is open can also use
/// the namespace: [`DeviceGroups::bury()`] takes the lock before the namespace can go.
#[pin_data]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct DeviceGroups {
    device: ARef<NetDevice>,
    /// The publish lock.
    #[pin]
    state: Mutex<State>,
    _counted: Counted<INTERFACES>,
}

#[cfg_attr(test, derive(Hash))]
enum State {
    /// The device is in the registry.
    Open(GroupSet),
    /// C has the groups, but the index still refers to them.
    HandedBack { _groups: GroupSet },
    /// The device has left the registry, and its groups are dropped.
    Closed,
}

/// The device has left the registry: the caller has to look there again.
pub(crate) struct Closed;

impl DeviceGroups {
    /// `groups` on `device`.
    pub(crate) fn new(device: &NetDevice, groups: GroupSet, flags: Flags) -> Result<Arc<Self>> {
        let device = device.into();
        Arc::pin_init(
            pin_init!(Self {
                device,
                state <- new_mutex!(State::Open(groups), "anycast6 publish"),
                _counted: Counted::new(),
            }),
            flags,
        )
    }

    /// The index of the device.
    pub(crate) fn ifindex(&self) -> i32 {
        self.device.ifindex()
    }

    /// See [`group::join()`](crate::group::join).
    pub(crate) fn join(
        &self,
        idev: &Inet6Dev,
        addr: &Ipv6Addr,
        by: By<'_>,
    ) -> Result<Result, Closed> {
        self.with(|groups| groups.join(idev, addr, by))
    }

    /// See [`group::leave()`](crate::group::leave).
    pub(crate) fn leave(&self, addr: &Ipv6Addr, by: By<'_>) -> Result<Result, Closed> {
        self.with(|groups| groups.leave(&self.device, addr, by))
    }

    /// See [`GroupSet::ipv6_gone()`].
    pub(crate) fn ipv6_gone(&self, rtnl: &Rtnl) -> Result<(), Closed> {
        self.with(|groups| groups.ipv6_gone(&self.device, rtnl))
    }

    /// See [`GroupSet::settle_all()`]. Groups that have to wait are retried later. Does nothing
    /// once the device has left the registry.
    pub(crate) fn settle(&self, rtnl: &Rtnl) {
        if let Ok(Err(_)) = self.with(|groups| groups.settle_all(&self.device, rtnl)) {
            self.device.net().reconciler().retry();
        }
    }

    /// See [`GroupSet::settle_some()`]. Once the device has left the registry, no groups are left.
    pub(crate) fn settle_some(&self, rtnl: &Rtnl, left: usize, most: usize) -> (usize, Result) {
        self.with(|groups| groups.settle_some(&self.device, rtnl, left, most))
            .unwrap_or((0, Ok(())))
    }

    /// See [`GroupSet::find()`]. Once the device has left the registry, there are no groups.
    pub(super) fn find<T>(
        &self,
        place: &mut Place,
        look: fn(&NetDevice, &Group, &mut Turn) -> Option<T>,
    ) -> Look<T> {
        self.with(|groups| groups.find(place, |group, turn| look(&self.device, group, turn)))
            .unwrap_or(Look::End)
    }

    /// See [`GroupSet::order()`]. Then the namespace's alarm is set anew.
    pub(crate) fn order(
        &self,
        addr: &Ipv6Addr,
        order: UserOrder,
    ) -> Result<Result<(), OrderError>, Closed> {
        self.with(|groups| {
            let result = groups.order(&self.device, addr, order);
            self.device.net().alarm().soon();
            result
        })
    }

    /// See [`GroupSet::expire()`].
    pub(crate) fn expire(&self, now: u64) -> Option<u64> {
        self.with(|groups| groups.expire(&self.device, now))
            .unwrap_or(None)
    }

    /// See [`GroupSet::report()`].
    pub(crate) fn report(&self, addr: &Ipv6Addr) -> Option<Report> {
        self.with(|groups| groups.report(&self.device, addr))
            .unwrap_or(None)
    }

    /// See [`GroupSet::unexport()`]. Does nothing once the device has left the registry.
    pub(crate) fn unexport(&self) {
        let _ = self.with(|groups| groups.unexport(&self.device));
    }

    /// See [`GroupSet::make_way()`].
    pub(crate) fn make_way(&self, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result<Result, Closed> {
        self.with(|groups| groups.make_way(&self.device, addr, rtnl))
    }

    /// Hands all groups back to C. They stay in the index until [`DeviceGroups::bury()`].
    pub(crate) fn hand_back(&self) {
        self.leave_all(|groups| groups.hand_back(&self.device));
    }

    /// As [`DeviceGroups::hand_back()`], but leaves the list as it is: another livepatch works on
    /// it already.
    pub(crate) fn abandon(&self) {
        self.leave_all(|groups| groups.abandon(&self.device));
    }

    fn leave_all(&self, leave: impl FnOnce(&mut GroupSet)) {
        let mut state = self.state.lock();
        *state = match mem::replace(&mut *state, State::Closed) {
            State::Open(mut groups) => {
                leave(&mut groups);
                State::HandedBack { _groups: groups }
            }
            closed => closed,
        };
    }

    /// Drops the groups: after they have been handed back, or when the device has been unregistered
    /// and the holds have lost their meaning.
    pub(crate) fn bury(&self) {
        #[cfg(test)]
        if crate::fake::left_open() {
            return;
        }
        let mut state = self.state.lock();
        if let State::Open(groups) = &*state {
            observe::lost(&self.device, groups.holds());
            groups.tell_lost(&self.device);
        }
        *state = State::Closed;
        handover::forget(&self.device);
    }

    fn with<T>(&self, action: impl FnOnce(&mut GroupSet) -> T) -> Result<T, Closed> {
        match &mut *self.state.lock() {
            State::Open(groups) => Ok(action(groups)),
            #[cfg(test)]
            State::HandedBack { _groups: groups } if crate::fake::left_open() => Ok(action(groups)),
            State::HandedBack { .. } | State::Closed => Err(Closed),
        }
    }
}
