// SPDX-License-Identifier: GPL-2.0

//! What happens to devices, addresses and routes, and may concern groups.

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

/// All we listen to. Fields go in their order: what asks for work before what the namespaces have of ours,
/// the work among it, and that before the queue.
pub(crate) struct Events {
    _addresses: Registered,
    _wanted_addresses: Registered,
    _devices: Registered,
    _nets: Namespaces,
    _queue: Queueing,
}

impl Events {
    /// Begins to listen. Until there are side tables, nothing comes of it.
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

/// The groups, for which all of this may mean something.
struct Groups;

impl DeviceListener for Groups {
    fn changed(device: &NetDevice, rtnl: &Rtnl) {
        device_changed(device, rtnl);
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
        // Should nothing come of it, there is no event.
        reconcile::after_numbering(idev.device().net());
        Ok(())
    }
}

/// `device` came up or went down, has another MTU, joined or left a VRF, or its IPv6 was enabled or disabled
/// (`disable_ipv6`); addrconf has done its part. Process context.
pub(crate) fn device_changed(device: &NetDevice, rtnl: &Rtnl) {
    if let Some(groups) = registry::find(device) {
        groups.settle(rtnl);
    }
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
