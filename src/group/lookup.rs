// SPDX-License-Identifier: GPL-2.0

//! Look-ups of groups, through the [`index`] when it is complete, else through the kernel's lists.
//!
//! Any context. Takes nothing but the RCU read lock.

use crate::{
    decide::{
        counter::Counter,
        export, //
    },
    store::{
        acaddr_hash,
        index, //
    },
    sys::{
        net::Net,
        net_device::{
            Domain,
            NetDevice, //
        },
        route::Route, //
    },
};
use core::net::Ipv6Addr;
use kernel::sync::rcu;

/// The devices of a namespace on which a group is looked up.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// Any device.
    Any,
    /// The devices of this L3 domain.
    Domain(Domain),
    /// This device.
    Device(&'a NetDevice),
}

impl Place<'_> {
    /// Whether `device` is one of them.
    pub(crate) fn has(self, device: &NetDevice) -> bool {
        match self {
            Place::Any => true,
            Place::Domain(domain) => device.domain() == domain,
            Place::Device(own) => own.identity() == device.identity(),
        }
    }
}

/// Whether `addr` is a published group at `place`.
pub(crate) fn is_held(net: &Net, place: Place<'_>, addr: &Ipv6Addr) -> bool {
    let rcu = rcu::read_lock();
    if index::is_complete() {
        let is_listed = |entry: &index::Entry| entry.listed(&rcu).is_some();
        return any(net, place, addr, &rcu, is_listed);
    }
    net.stats().count(Counter::Walk);
    match place {
        Place::Device(device) => device
            .ipv6_rcu(&rcu)
            .is_some_and(|idev| idev.groups(&rcu).any(|group| group.addr() == *addr)),
        Place::Any | Place::Domain(_) => acaddr_hash::candidates(net, addr, &rcu)
            .filter(|group| group.addr() == *addr)
            .filter_map(|group| group.device(&rcu))
            .any(|device| device.net() == net && place.has(device)),
    }
}

/// Whether `addr` has a holder at `place`, even if the group is dormant.
pub(crate) fn is_known(net: &Net, place: Place<'_>, addr: &Ipv6Addr) -> bool {
    let rcu = rcu::read_lock();
    if index::is_complete() {
        return any(net, place, addr, &rcu, |_| true);
    }
    is_held(net, place, addr)
}

/// Whether `addr` is a published group at `place` on a device whose ifindex passes `test`. False
/// while the index is incomplete.
pub(crate) fn is_held_where(
    net: &Net,
    place: Place<'_>,
    addr: &Ipv6Addr,
    test: impl Fn(i32) -> bool,
) -> bool {
    let rcu = rcu::read_lock();
    let does = |entry: &index::Entry| {
        let group = entry.listed(&rcu);
        let device = group.and_then(|group| group.device(&rcu));
        device.is_some_and(|device| test(device.ifindex()))
    };
    any(net, place, addr, &rcu, does)
}

/// Whether the group `addr` has holders taken over from C. They may be sockets whose memberships we
/// do not know.
///
/// [`None`] also while C may be running: C frees memberships without a lock that we could take.
pub(crate) fn unnamed<'r>(
    net: &Net,
    addr: &Ipv6Addr,
    rcu: &'r rcu::Guard,
) -> Option<index::Complete<'r>> {
    let complete = index::complete_during(rcu)?;
    index::in_net(net, addr, rcu)
        .any(|entry| entry.has_adopted())
        .then_some(complete)
}

/// The route of the group `addr` of `device`. [`None`] while the index is incomplete; nobody needs
/// it then.
pub(crate) fn route<'r>(
    device: &NetDevice,
    addr: &Ipv6Addr,
    rcu: &'r rcu::Guard,
) -> Option<&'r Route> {
    if !index::is_complete() {
        return None;
    }
    let group = index::on_device(device, addr, rcu)?.listed(rcu)?;
    Some(group.route())
}

/// Whether `route`, for `addr` and of `net`, is in the place of the export of a group. False while the
/// index is incomplete.
pub(crate) fn is_export(net: &Net, addr: &Ipv6Addr, route: &Route, rcu: &rcu::Guard) -> bool {
    route.table() == net.settings().export_table()
        && index::in_net(net, addr, rcu)
            .filter(|entry| entry.is_exported())
            .any(|entry| export::metric(entry.device(rcu).ifindex()) == route.metric())
}

fn any(
    net: &Net,
    place: Place<'_>,
    addr: &Ipv6Addr,
    rcu: &rcu::Guard,
    does: impl Fn(&index::Entry) -> bool,
) -> bool {
    match place {
        Place::Device(device) => index::on_device(device, addr, rcu).is_some_and(does),
        Place::Any | Place::Domain(_) => {
            index::in_net(net, addr, rcu).any(|entry| place.has(entry.device(rcu)) && does(entry))
        }
    }
}
