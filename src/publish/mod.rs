// SPDX-License-Identifier: GPL-2.0

//! The visible side of a group: the route that accepts its packets, the solicited-node multicast
//! group that receives its solicitations, and the netlink events.
//!
//! All of it sleeps: process context, under the publish lock (see [`group`](crate::group)) and no
//! lock below it. Bookkeeping is done before.

#![forbid(unsafe_code)]

pub(crate) mod export;
pub(crate) mod handover;
pub(crate) mod monitor;
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

/// What makes the host answer for a listed group. Both need memory.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Reach {
    /// A route accepts packets.
    pub(crate) routed: bool,
    /// The host has joined the solicited-node group for this group, and has to leave it in the end.
    /// It does not join on devices where nobody solicits.
    pub(crate) listening: bool,
}

/// Makes the host answer for a group that has just been listed on `idev`, and notifies. Returns
/// which parts succeeded.
pub(crate) fn publish(idev: &Inet6Dev, group: &Acaddr) -> Reach {
    // As in C, an existing route serves as well.
    let routed = matches!(
        group.route().insert(idev.device().net()),
        Ok(()) | Err(EEXIST)
    );
    Reach {
        routed,
        ..publish_unrouted(idev, group)
    }
}

/// Like [`publish()`], but without a route, so that packets are not accepted.
pub(crate) fn publish_unrouted(idev: &Inet6Dev, group: &Acaddr) -> Reach {
    let listening = idev.join_solicited_node(&group.addr()).unwrap_or(false);
    notify::tell(idev.device().net(), group, Event::New);
    Reach {
        routed: false,
        listening,
    }
}

/// Makes the host stop answering for a group that has just left the list of `idev`, and notifies.
/// `listening`: the solicited-node group was joined for it, and has to be left; other addresses may
/// share that group.
pub(crate) fn withdraw(idev: &Inet6Dev, group: &Unlisted, listening: bool) {
    let net = idev.device().net();
    if listening {
        idev.leave_solicited_node(&group.group().addr());
    }
    // ENOENT is fine: somebody else has deleted the route.
    let _ = Route::delete(group.route().clone(), net);
    notify::tell(net, group.group(), Event::Del);
}
