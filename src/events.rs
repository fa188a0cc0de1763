// SPDX-License-Identifier: GPL-2.0

//! What happens to devices, addresses and routes, and may concern groups.

use crate::{
    addrconf,
    reconcile,
    sys::{
        fib_notifier,
        index,
        inet6_dev::Inet6Dev,
        net::Net,
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
/// the work among it, and that before the queues.
pub(crate) struct Events {
    _addresses: Registered,
    _validator: Registered,
    _devices: Registered,
    _nets: AllNets,
    _queues: [Queueing; 2],
}

impl Events {
    /// Begins to listen. Until there are side tables, nothing comes of it.
    pub(crate) fn listen() -> Result<Self> {
        let queues = [reconciler::queue()?, fib_notifier::queue()?];
        Ok(Self {
            _nets: AllNets::register()?,
            _devices: Registered::devices()?,
            _validator: Registered::validator()?,
            _addresses: Registered::addresses()?,
            _queues: queues,
        })
    }
}

/// `device` came up or went down, has another MTU, or joined or left a VRF; addrconf has done its
/// part. Process context, under RTNL.
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

/// A unicast address of `device` came or went. So it mostly does when IPv6 is enabled or disabled there
/// (`disable_ipv6`), of which there is no event; otherwise see [`reconcile::later()`]. Any context.
pub(crate) fn address_changed(device: &NetDevice) {
    reconcile::soon(device.net());
}

/// Somebody wants to add the unicast address `addr` to `idev`. Process context, under RTNL.
pub(crate) fn address_wanted(idev: &Inet6Dev, addr: &Ipv6Addr) -> Result {
    addrconf::may_add(idev, addr)
}

/// What happened to a route of `net`: of all routes to one address, the first one is told of.
#[derive(Clone, Copy)]
pub(crate) enum RouteEvent<'a> {
    /// It is going to be the first, perhaps because the one before has been deleted.
    First(&'a Route),
    /// It was the only one, and has been deleted.
    Gone(&'a Route),
}

/// A route changed in `net`. Any context, mostly under the lock of the table.
pub(crate) fn route_changed(net: &Net, event: RouteEvent<'_>) {
    let (route, entering) = match event {
        RouteEvent::First(route) => (route, Some(route)),
        RouteEvent::Gone(route) => (route, None),
    };
    let Some(addr) = route.single_address() else {
        return;
    };
    let rcu = rcu::read_lock();
    let lost = index::in_net(net, &addr, &rcu)
        .filter_map(|entry| entry.listed(&rcu))
        .map(|group| group.route())
        .filter(|&own| entering.is_none_or(|entering| !core::ptr::eq(own, entering)))
        .any(|own| !own.is_in_table());
    if lost {
        reconcile::soon(net);
    }
}
