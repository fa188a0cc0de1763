// SPDX-License-Identifier: GPL-2.0

//! What groups mean to UDP and TCP.

use crate::{
    logic::{
        addr::is_link_local,
        membership::Membership, //
    },
    lookup,
    sys::{
        bind_request::BindRequest,
        joined,
        net::Net,
        net_device::NetDevice,
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

/// Is `addr` a group that the socket may bind to: one of the host's, or, in link-local scope, of the
/// device that `scope` or the socket name?
fn is_group(request: &BindRequest<'_>, addr: &Ipv6Addr, scope: i32) -> bool {
    if addr.is_unspecified() || addr.is_multicast() {
        return false;
    }
    let sock = request.sock();
    let net = sock.net();
    // An own address is bound to as ever, be it a group as well.
    let is_group_on = |device: Option<&NetDevice>| {
        lookup::is_known(net, device, addr) && !net.is_own_address(addr, device)
    };
    if !is_link_local(addr) {
        return is_group_on(None);
    }
    let ifindex = if scope != 0 {
        scope
    } else {
        sock.bound_device()
    };
    let device = net.device(ifindex);
    device.is_some_and(|device| is_group_on(Some(&*device)))
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
    let held = match is_link_local(&group) {
        true => is_held_on(listener.net(), syn.ifindex(), &group),
        false => lookup::is_held(listener.net(), None, &group),
    };
    held && (listener.bound_address() == group
        || joined::has_joined(listener, syn.ifindex(), &group)
        || has_joined_before(syn))
}

/// Has the SYN's listener joined its group before the takeover?
fn has_joined_before(syn: &Syn<'_>) -> bool {
    let listener = syn.listener();
    let rcu = rcu::read_lock();
    lookup::unnamed(listener.net(), &syn.destination(), &rcu).is_some_and(|complete| {
        listener.has_membership(&complete, |membership| is_live(membership, syn))
    })
}

/// Is this a membership of the group that the SYN is for, on a device that still has it?
fn is_live(membership: &Membership, syn: &Syn<'_>) -> bool {
    let group = syn.destination();
    let in_scope = !is_link_local(&group) || membership.ifindex == syn.ifindex();
    membership.addr == group
        && in_scope
        && is_held_on(syn.listener().net(), membership.ifindex, &group)
}

fn is_held_on(net: &Net, ifindex: i32, group: &Ipv6Addr) -> bool {
    let device = net.device(ifindex);
    device.is_some_and(|device| lookup::is_held(net, Some(&*device), group))
}
