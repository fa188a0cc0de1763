// SPDX-License-Identifier: GPL-2.0

//! What happens to devices, addresses and routes, and may concern groups.

use crate::{
    addrconf,
    lookup,
    numbering,
    reconcile,
    sys::{
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        notifiers::Registered,
        pernet::AllNets,
        reconciler,
        route::Route,
        work::Queueing, //
    },
    tables, //
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::rcu, //
};

/// All we listen to. Fields go in their order: what asks for work before what the namespaces have of ours,
/// the work among it, and that before the queue.
pub(crate) struct Events {
    _addresses: Registered,
    _validator: Registered,
    _devices: Registered,
    _nets: AllNets,
    _queue: Queueing,
}

impl Events {
    /// Begins to listen. Until there are side tables, nothing comes of it.
    pub(crate) fn listen() -> Result<Self> {
        let queue = reconciler::queue()?;
        Ok(Self {
            _nets: AllNets::register()?,
            _devices: Registered::devices()?,
            _validator: Registered::validator()?,
            _addresses: Registered::addresses()?,
            _queue: queue,
        })
    }
}

/// `device` came up or went down, has another MTU, joined or left a VRF, or its IPv6 was enabled or disabled
/// (`disable_ipv6`); addrconf has done its part. Process context, under RTNL.
pub(crate) fn device_changed(device: &NetDevice) {
    if let Some(interface) = tables::find(device) {
        interface.settle();
    }
}

/// `device` has been unregistered, or moves to another network namespace; addrconf has done its part.
/// Process context, under RTNL.
pub(crate) fn device_gone(device: &NetDevice) {
    if let Some(interface) = tables::remove(device) {
        interface.bury();
    }
}

/// The unicast address `addr` of `device` came or went. Any context.
pub(crate) fn address_changed(device: &NetDevice, addr: &Ipv6Addr) {
    numbering::settled(device, addr);
    reconcile::soon(device.net());
}

/// Somebody wants to add the unicast address `addr` to `idev`. Process context, under RTNL.
pub(crate) fn address_wanted(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    addrconf::may_add(idev, addr)?;
    // Should nothing come of it, there is no event.
    reconcile::after_numbering(idev.device().net());
    Ok(())
}

/// A route has left its table, whichever of those to its address it was. Any context but hardirq, under the
/// lock of the table.
pub(crate) fn route_left(route: &Route) {
    let Some(addr) = route.single_address() else {
        return;
    };
    let rcu = rcu::read_lock();
    let Some(device) = route.own_device(&rcu) else {
        return;
    };
    // It was the group's own, or one that was there before it.
    if lookup::route(device, &addr, &rcu).is_some_and(|own| !own.is_in_table()) {
        reconcile::soon(device.net());
    }
}
