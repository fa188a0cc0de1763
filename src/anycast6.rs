// SPDX-License-Identifier: GPL-2.0

//! IPv6 anycast groups, taking over net/ipv6/anycast.c of the running kernel as a livepatch.
//!
//! Data flows one way:
//!
//! - entry: [`takeover`] and [`sys::exports`] convert C's arguments; [`sockets`], [`api`] and
//!   [`proc`] are what they call;
//! - decision: [`logic`], without unsafe and without kernel; [`world`] is the kernel as it sees it;
//! - group: [`groups`], the device's list under its lock;
//! - publication: [`publish`], after the lock.
//!
//! [`sys`] has the safe faces of the kernel's objects. It and [`takeover`] alone have unsafe code.

mod api;
mod bindings;
mod groups;
mod logic;
mod proc;
mod publish;
mod sockets;
mod sys;
mod takeover;
mod world;

use kernel::prelude::*;

module! {
    type: Anycast6,
    name: "anycast6",
    authors: ["The anycast6 developers"],
    description: "IPv6 anycast groups, taking over from the built-in ones",
    license: "GPL",
}

/// The loaded module. Fields go in their order when it is removed.
struct Anycast6 {
    _takeover: takeover::Takeover,
}

impl kernel::Module for Anycast6 {
    fn init(module: &'static ThisModule) -> Result<Self> {
        Ok(Self {
            _takeover: takeover::Takeover::begin(module)?,
        })
    }
}
