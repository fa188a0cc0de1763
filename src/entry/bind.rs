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

/// `bind()` accepts a group with a holder on this host like one of the host's own addresses.
///
/// Process context, no locks held. Fails as in C otherwise (`inet6_bind()`, net/ipv6/af_inet6.c).
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

/// Whether `addr` is a group that the socket may bind to. Link-local groups are looked up on the
/// device that `scope` or the socket names, others in the L3 domain (VRF, or none) of the device
/// that the socket is bound to.
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
        // No such device, or a link-local address without a device.
        None if ifindex != 0 || is_link_local(addr) => return false,
        None => Place::Domain(Domain::MAIN),
    };
    // C binds the host's own addresses, even if they are groups as well.
    lookup::is_known(net, place, addr) && !net.is_own_address(addr, device.as_deref())
}
