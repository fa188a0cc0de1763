// SPDX-License-Identifier: GPL-2.0

//! SYNs for listeners.

use crate::{
    decide::{
        addr::is_link_local,
        membership::Membership, //
    },
    group::lookup::{
        self,
        Place, //
    },
    store::joined,
    sys::{
        net::Net,
        net_device::NetDevice,
        sock::Sock,
        syn::Syn, //
    },
};
use core::{
    ffi::c_int,
    net::Ipv6Addr, //
};
use kernel::sync::rcu;

/// A SYN for a listener. A SYN to a group is answered if the listener is bound to the group or has
/// joined it. It is dropped silently for other listeners, so that groups do not reveal them.
///
/// Softirq, under the RCU read lock, usually without the listener's lock.
pub(crate) fn connection_request(syn: &Syn<'_>) -> c_int {
    if syn.is_ipv4() {
        return syn.answer_by_ipv4();
    }
    if !syn.is_unicast() && !is_for_listener(syn) {
        return syn.drop_silently();
    }
    if syn.is_from_mapped() {
        return syn.drop_malformed();
    }
    syn.answer()
}

/// Whether the SYN's listener serves the group that the SYN is addressed to.
fn is_for_listener(syn: &Syn<'_>) -> bool {
    let (listener, group) = (syn.listener(), syn.destination());
    let net = listener.net();
    let Some(arrival) = net.device(syn.ifindex()) else {
        return false;
    };
    let place = place_of(&arrival, &group);
    lookup::is_held(net, place, &group)
        && (listener.bound_address() == group
            || lookup::is_held_where(net, place, &group, |ifindex| {
                joined::has_joined(listener, ifindex, &group)
            })
            || has_joined_before(listener, place, &group))
}

/// Whether the listener joined the group at `place` before the takeover.
fn has_joined_before(listener: &Sock, place: Place<'_>, group: &Ipv6Addr) -> bool {
    let net = listener.net();
    let rcu = rcu::read_lock();
    lookup::unnamed(net, group, &rcu).is_some_and(|complete| {
        listener.has_membership(&complete, |membership| {
            membership.addr == *group && is_live(net, membership, place)
        })
    })
}

/// Where to look up the group of a packet that arrived by `arrival`: on that device for link-local
/// groups, else in its L3 domain.
pub(super) fn place_of<'a>(arrival: &'a NetDevice, group: &Ipv6Addr) -> Place<'a> {
    match is_link_local(group) {
        true => Place::Device(arrival),
        false => Place::Domain(arrival.domain()),
    }
}

/// Whether the device of the membership is at `place` and still has the group.
fn is_live(net: &Net, membership: &Membership, place: Place<'_>) -> bool {
    let device = net.device(membership.ifindex);
    device.is_some_and(|device| {
        place.has(&device) && lookup::is_held(net, Place::Device(&device), &membership.addr)
    })
}
