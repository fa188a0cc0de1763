// SPDX-License-Identifier: GPL-2.0

//! IPv6 anycast groups. The module takes over net/ipv6/anycast.c of the running kernel, live.
//!
//! Data flows one way, and a room imports only from those below it:
//!
//! - [`variant`]: attaches the module to a kernel, as a livepatch, and converts C's arguments;
//! - [`entry`]: the entry points: sockets, addrconf, other modules, events;
//! - [`show`]: the files that users read;
//! - [`group`]: the groups of devices, their holders, and the lock order;
//! - [`publish`]: the visible side of a group: route, solicited-node group, netlink event;
//! - [`store`]: the kernel's own anycast objects, and the index over them;
//! - [`sys`]: safe wrappers of other kernel objects;
//! - [`bindings`]: the bindings to C, made by bindgen;
//! - [`decide`]: decisions, without unsafe code and without the kernel.
//!
//! `scripts/check` enforces this.

#[macro_use]
mod sys;

mod bindings;
mod decide;
mod entry;
mod group;
mod publish;
mod show;
mod store;
mod variant;

use decide::admission::Policy;
use kernel::prelude::*;
use show::debugfs;
use variant::livepatch::{
    identity,
    Takeover, //
};

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
    _takeover: Takeover,
    _objects: debugfs::Shown,
}

impl kernel::Module for Anycast6 {
    fn init(module: &'static ThisModule) -> Result<Self> {
        identity::check()?;
        let policy = first_policy()?;
        let shown = debugfs::Shown::new()?;
        Ok(Self {
            _objects: shown,
            _takeover: Takeover::begin(module, policy)?,
        })
    }
}

fn first_policy() -> Result<Policy> {
    let number = module_parameters::admission.value();
    Policy::new(number)
        .ok_or(EINVAL)
        .inspect_err(|_| pr_err!("not loaded: admission={number} is none of 0, 1, 2\n"))
}
