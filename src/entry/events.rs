// SPDX-License-Identifier: GPL-2.0

//! Events of devices, addresses and routes that may concern groups.

use super::{
    addrconf,
    namespaces::Namespaces, //
};
use crate::{
    decide::admission::Policy,
    group::{
        lookup,
        numbering,
        reconcile,
        registry, //
    },
    publish::handover,
    sys::{
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        notifiers::{
            AddressListener,
            DeviceListener,
            Notifier,
            Registered, //
        },
        once::Once,
        pernet::AllNets,
        reconciler,
        route::Route,
        rtnl::Rtnl,
        work::Queueing, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::rcu, //
};

static DEVICES: Notifier = Notifier::devices::<Groups>();
static ADDRESSES: Notifier = Notifier::addresses::<Groups>();
static WANTED_ADDRESSES: Notifier = Notifier::wanted_addresses::<Groups>();

/// All registrations for events. The drop order matters: notifiers schedule work, the work belongs
/// to the namespaces, and the queue runs it.
pub(crate) struct Events {
    _addresses: Registered,
    _wanted_addresses: Registered,
    _devices: Registered,
    _nets: Namespaces,
    _queue: Queueing,
}

impl Events {
    /// Registers for the events. They have no effect until there is a registry.
    pub(crate) fn listen(
        policy: Policy,
        nets: Once<AllNets>,
        queue: Once<Queueing>,
    ) -> Result<Self> {
        let queue = reconciler::queue(queue)?;
        Ok(Self {
            _nets: Namespaces::begin(policy, nets)?,
            _devices: Registered::new(&DEVICES)?,
            _wanted_addresses: Registered::new(&WANTED_ADDRESSES)?,
            _addresses: Registered::new(&ADDRESSES)?,
            _queue: queue,
        })
    }
}

/// The listener: the groups.
struct Groups;

impl DeviceListener for Groups {
    fn changed(device: &NetDevice, rtnl: &Rtnl) {
        device_changed(device, rtnl);
    }

    fn going_down(device: &NetDevice, rtnl: &Rtnl) {
        device_leaving(device, rtnl);
        handover::going_down(device);
    }

    fn gone(device: &NetDevice) {
        if let Some(groups) = registry::remove(device) {
            groups.bury();
        }
    }
}

impl AddressListener for Groups {
    fn changed(device: &NetDevice, addr: &Ipv6Addr) {
        numbering::settled(device, addr);
        reconcile::soon(device.net());
    }

    fn wanted(idev: &Inet6Dev, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result {
        addrconf::may_add(idev, addr, rtnl)?;
        // If the address is not added after all, no event follows.
        reconcile::after_numbering(idev.device().net());
        Ok(())
    }
}

/// `device` came up or went down, its flags, its MTU or its upper devices (VRF, bridge) changed, or
/// IPv6 was enabled or disabled there (`disable_ipv6`). addrconf has handled the event. Process
/// context.
pub(crate) fn device_changed(device: &NetDevice, rtnl: &Rtnl) {
    if let Some(groups) = registry::find(device) {
        groups.settle(rtnl);
    }
}

/// `device` is about to go down, or to lose IPv6 (`disable_ipv6`): addrconf will delete the routes of
/// its groups before [`device_changed()`]. Process context.
pub(crate) fn device_leaving(device: &NetDevice, _rtnl: &Rtnl) {
    if let Some(groups) = registry::find(device) {
        groups.unexport();
    }
}

/// A route, of any type, has left its table. Any context but hardirq, under the lock of the table.
pub(crate) fn route_left(route: &Route) {
    let Some(addr) = route.single_address() else {
        return;
    };
    let rcu = rcu::read_lock();
    let Some(device) = route.own_device(&rcu) else {
        return;
    };
    // Either it was a route of the group's own, or one that kept that out.
    if lookup::route(device, &addr, &rcu).is_some_and(|own| !own.is_in_table())
        || lookup::is_export(device.net(), &addr, route, &rcu)
    {
        reconcile::soon(device.net());
    }
}
