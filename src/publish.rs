// SPDX-License-Identifier: GPL-2.0

//! What the world sees of a group: the route by which packets are accepted, the solicited-node
//! multicast group by which solicitations arrive, and the netlink events.
//!
//! All of it sleeps: process context, none of our locks held. Bookkeeping is in
//! [`groups`](crate::groups), and done before.

use crate::sys::{
    acaddr::{
        Acaddr,
        Unlisted, //
    },
    inet6_dev::Inet6Dev,
    netlink::{
        self,
        Event, //
    },
    route::Route, //
};
use kernel::sync::aref::ARef;

/// Makes the host answer for a group that has just been listed on `idev`.
pub(crate) fn publish(idev: &Inet6Dev, group: &Acaddr) {
    let net = idev.device().net();
    // As in C, a route that is there already (EEXIST) serves as well.
    let _ = group.route().insert(net);
    idev.join_solicited_node(&group.addr());
    netlink::notify(net, group, Event::New);
}

/// Stops the host answering for a group that its last holder has left.
pub(crate) fn withdraw(idev: &Inet6Dev, group: Unlisted) {
    let group = tear_down(idev, group);
    netlink::notify(idev.device().net(), &group, Event::Del);
}

/// Stops the host answering for a group, without telling: as in C, nobody is told of groups that go
/// with their device.
pub(crate) fn tear_down(idev: &Inet6Dev, group: Unlisted) -> ARef<Acaddr> {
    let (group, route) = group.into_parts();
    idev.leave_solicited_node(&group.addr());
    // A route that somebody else has deleted (ENOENT) is gone as well.
    let _ = Route::delete(route, idev.device().net());
    group
}
