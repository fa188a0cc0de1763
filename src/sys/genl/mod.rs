// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family `anycast6`, as `include/anycast6.yaml` specifies it. Its operations are in
//! `src/bindings/netlink-gen.c`, which is made from that.
//!
//! C headers: `include/net/genetlink.h`, `include/net/netlink.h`, `include/uapi/linux/anycast6.h`

mod dump;
mod message;
mod numbers;
mod request;

pub(crate) use self::{
    dump::{
        begin,
        end,
        go_on,
        only_device, //
    },
    message::{
        Message,
        Put, //
    },
    numbers::{
        state,
        Command,
        GroupAttribute,
        HolderAttribute,
        HolderKind, //
    },
    request::Request,
};

use self::message::{
    Addressee,
    Buffer, //
};
use super::{
    face::Face,
    net::Net,
    once::Once, //
};
use crate::bindings;
use kernel::{
    error::to_result,
    prelude::*, //
};

/// The multicast group.
const LISTENERS: u32 = bindings::ANYCAST6_NLGRP_GROUPS;

/// The family is registered until this is dropped.
///
/// # Invariants
///
/// It is.
pub(crate) struct Family(());

impl Family {
    /// Registers it, the only one. Sleeps. Fails with `ENOMEM`, or with `EEXIST` when somebody else has the name.
    pub(crate) fn register(_once: Once<Self>) -> Result<Self> {
        // SAFETY: It is static, filled in and, as `_once` shows, not registered.
        to_result(unsafe { bindings::genl_register_family(family()) })?;
        // INVARIANT: It has just been registered.
        Ok(Self(()))
    }
}

impl Drop for Family {
    /// Waits for requests that are under way.
    fn drop(&mut self) {
        // SAFETY: By the invariant it is registered. There is nothing that could fail.
        unsafe { bindings::genl_unregister_family(family()) };
    }
}

fn family() -> *mut bindings::genl_family {
    &raw mut bindings::anycast6_nl_family
}

/// Tells the listeners in `net`, if there are any. Without memory they learn that they have missed something.
///
/// Sleeps.
pub(crate) fn tell(net: &Net, command: Command, fill: impl FnOnce(&mut Message) -> Result) {
    // SAFETY: The namespace is alive.
    if !unsafe { bindings::anycast6_helper_genl_has_listeners(family(), net.as_ptr(), LISTENERS) } {
        return;
    }
    let to = Addressee {
        port: 0,
        sequence: 0,
        flags: 0,
    };
    // SAFETY: The namespace is alive, and the call takes the buffer over.
    unsafe {
        match Buffer::with(&to, command, fill) {
            Ok(buffer) => bindings::anycast6_helper_genl_multicast(
                family(),
                net.as_ptr(),
                buffer.into_raw(),
                LISTENERS,
            ),
            Err(_) => bindings::anycast6_helper_genl_set_err(
                family(),
                net.as_ptr(),
                LISTENERS,
                ENOBUFS.to_errno(),
            ),
        }
    }
}
