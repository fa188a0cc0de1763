// SPDX-License-Identifier: GPL-2.0

//! What the world sees of a group: the route by which packets are accepted, the solicited-node
//! multicast group by which solicitations arrive, and the netlink events.
//!
//! All of it sleeps: process context, under the publish lock (see [`group`](crate::group)) and none
//! below it. Bookkeeping is done before.

#![forbid(unsafe_code)]

pub(crate) mod observe;
pub(crate) mod solicited_node;

use crate::{
    store::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        notify::{
            self,
            Event, //
        },
    },
    sys::{
        inet6_dev::Inet6Dev,
        route::Route, //
    },
};
use kernel::prelude::*;

/// By what the host answers for a listed group. Both take memory.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Reach {
    /// A route accepts packets.
    pub(crate) routed: bool,
    /// The host has joined the solicited-node group for this one, and has to leave it in the end. It does
    /// not join where nobody solicits.
    pub(crate) listening: bool,
}

/// Makes the host answer for a group that has just been listed on `idev`, and tells. Says how far that
/// went.
pub(crate) fn publish(idev: &Inet6Dev, group: &Acaddr) -> Reach {
    // As in C, a route that is there already serves as well.
    let routed = matches!(
        group.route().insert(idev.device().net()),
        Ok(()) | Err(EEXIST)
    );
    Reach {
        routed,
        ..publish_unrouted(idev, group)
    }
}

/// The same, but packets are not accepted by way of the group.
pub(crate) fn publish_unrouted(idev: &Inet6Dev, group: &Acaddr) -> Reach {
    let listening = idev.join_solicited_node(&group.addr()).unwrap_or(false);
    notify::tell(idev.device().net(), group, Event::New);
    Reach {
        routed: false,
        listening,
    }
}

/// Stops the host answering for a group that has just left the list of `idev`, and tells. The host had
/// joined its solicited-node group if `listening`; other addresses may share that.
pub(crate) fn withdraw(idev: &Inet6Dev, group: &Unlisted, listening: bool) {
    let net = idev.device().net();
    if listening {
        idev.leave_solicited_node(&group.group().addr());
    }
    // A route that somebody else has deleted (ENOENT) is gone as well.
    let _ = Route::delete(group.route().clone(), net);
    notify::tell(net, group.group(), Event::Del);
}
