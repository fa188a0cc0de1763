// SPDX-License-Identifier: GPL-2.0

//! What groups mean to UDP and TCP.

use crate::{
    logic::{
        addr::is_link_local,
        membership::Membership, //
    },
    lookup::{
        self,
        Place, //
    },
    sys::{
        bind_request::BindRequest,
        joined,
        net::Net,
        net_device::{
            Domain,
            NetDevice, //
        },
        sock::Sock,
        syn::Syn, //
    },
};
use core::{
    ffi::c_int,
    net::Ipv6Addr, //
};
use kernel::{
    prelude::*,
    sync::rcu, //
};

/// `bind()`: an address that somebody holds as a group on this host is as good as one of its own.
///
/// Process context, no locks held. Fails as in C otherwise.
pub(crate) fn bind(mut request: BindRequest<'_>) -> Result {
    if let Some(result) = request.protocols_own() {
        return result;
    }
    if request.is_short() {
        return Err(EINVAL);
    }
    request.ask_control_group()?;
    match request.address() {
        Some((addr, scope)) if is_group(&request, &addr, scope) => request.bind_free(),
        _ => request.bind(),
    }
}

/// Is `addr` a group that the socket may bind to: in link-local scope one of the device that `scope` or the
/// socket name, else one of the L3 domain (the VRF, or none) of the device that the socket is bound to?
fn is_group(request: &BindRequest<'_>, addr: &Ipv6Addr, scope: i32) -> bool {
    if addr.is_unspecified() || addr.is_multicast() {
        return false;
    }
    let sock = request.sock();
    let net = sock.net();
    let ifindex = if is_link_local(addr) && scope != 0 {
        scope
    } else {
        sock.bound_device()
    };
    let device = net.device(ifindex);
    let place = match &device {
        Some(device) if is_link_local(addr) => Place::Device(device),
        Some(device) => Place::Domain(device.domain()),
        // There is no such device, or link-local scope lacks one.
        None if ifindex != 0 || is_link_local(addr) => return false,
        None => Place::Domain(Domain::MAIN),
    };
    // An own address is bound to as ever, be it a group as well.
    lookup::is_known(net, place, addr) && !net.is_own_address(addr, device.as_deref())
}

/// A SYN: to a group it is answered if the listener is bound to the group, or has joined it. Other
/// listeners cannot be reached by way of a group, and nothing tells that they are there.
///
/// Softirq, RCU read lock, as a rule without the listener's lock.
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

/// Does the SYN's listener serve the group that the SYN is for?
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

/// Has the listener joined the group there before the takeover?
fn has_joined_before(listener: &Sock, place: Place<'_>, group: &Ipv6Addr) -> bool {
    let net = listener.net();
    let rcu = rcu::read_lock();
    lookup::unnamed(net, group, &rcu).is_some_and(|complete| {
        listener.has_membership(&complete, |membership| {
            membership.addr == *group && is_live(net, membership, place)
        })
    })
}

/// Where a group is that a packet comes for by way of the device: on it, in link-local scope, else in its L3
/// domain.
fn place_of<'a>(arrival: &'a NetDevice, group: &Ipv6Addr) -> Place<'a> {
    match is_link_local(group) {
        true => Place::Device(arrival),
        false => Place::Domain(arrival.domain()),
    }
}

/// Is this a membership on a device there, which still has the group?
fn is_live(net: &Net, membership: &Membership, place: Place<'_>) -> bool {
    let device = net.device(membership.ifindex);
    device.is_some_and(|device| {
        place.has(&device) && lookup::is_held(net, Place::Device(&device), &membership.addr)
    })
}
