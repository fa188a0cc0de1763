// SPDX-License-Identifier: GPL-2.0

//! `bind()`.

use crate::{
    decide::addr::is_link_local,
    group::lookup::{
        self,
        Place, //
    },
    sys::{
        bind_request::BindRequest,
        net_device::Domain, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

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
