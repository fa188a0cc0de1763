// SPDX-License-Identifier: GPL-2.0

//! IPv6 anycast groups, taking over net/ipv6/anycast.c of the running kernel as a livepatch.
//!
//! Data flows one way:
//!
//! - entry: [`takeover`], [`sys::exports`] and [`sys::notifiers`] convert C's arguments; [`sockets`],
//!   [`api`], [`addrconf`], [`events`] and [`proc`] are what they call;
//! - decision: [`logic`], without unsafe and without kernel; [`world`] is the kernel as it sees it;
//! - group: [`groups`], by way of the side [`tables`] to a device's [`interface`] and its [`ledger`] of
//!   [`group`]s, or, while there are none, [`fallback`] on the kernel's list alone;
//! - publication: [`publish`]; [`reconcile`] puts it back after events that tore it down, while
//!   [`ownership`] says that there is somebody to do so.
//!
//! [`sys`] has the safe faces of the kernel's objects. It and [`takeover`] alone have unsafe code.

mod addrconf;
mod api;
mod bindings;
mod events;
mod fallback;
mod group;
mod groups;
mod interface;
mod ledger;
mod listeners;
mod listing;
mod logic;
mod lookup;
mod member;
mod numbering;
mod objects;
mod observe;
mod ownership;
mod proc;
mod publish;
mod quota;
mod reconcile;
mod roster;
mod sockets;
mod sys;
mod tables;
mod takeover;
mod transport;
mod world;

use kernel::prelude::*;

module! {
    type: Anycast6,
    name: "anycast6",
    authors: ["The anycast6 developers"],
    description: "IPv6 anycast groups, taking over from the built-in ones",
    license: "GPL",
    params: {
        admission: u8 {
            default: 1,
            description: "Initial net.ipv6.anycast6.admission: 0 nothing, 1 well-known anycast addresses, \
                          2 all on-link addresses may be joined without CAP_NET_ADMIN",
        },
    },
}

/// The loaded module.
struct Anycast6 {
    _takeover: takeover::Takeover,
    _objects: objects::Shown,
}

impl kernel::Module for Anycast6 {
    fn init(module: &'static ThisModule) -> Result<Self> {
        takeover::identity::check()?;
        let shown = objects::Shown::new()?;
        Ok(Self {
            _objects: shown,
            _takeover: takeover::Takeover::begin(module)?,
        })
    }
}
