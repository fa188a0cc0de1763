// SPDX-License-Identifier: GPL-2.0

//! Notifications to `RTNLGRP_IPV6_ACADDR`.
//!
//! C headers: `include/linux/rtnetlink.h`, `include/net/addrconf.h`

use super::acaddr::Acaddr;
use crate::{
    bindings::{
        self,
        symbols, //
    },
    sys::{
        face::Face,
        net::Net, //
    },
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

const GROUP: u32 = bindings::rtnetlink_groups_RTNLGRP_IPV6_ACADDR;

/// An event of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// `RTM_NEWANYCAST`
    New,
    /// `RTM_DELANYCAST`
    Del,
}

impl Event {
    fn message_type(self) -> i32 {
        (match self {
            Event::New => bindings::RTM_NEWANYCAST,
            Event::Del => bindings::RTM_DELANYCAST,
        }) as i32
    }
}

/// A message under construction.
///
/// # Invariants
///
/// The buffer is ours alone.
struct Message(NonNull<bindings::sk_buff>);

impl Message {
    fn new() -> Result<Self> {
        // SAFETY: The call has no preconditions but process context.
        let skb = unsafe { bindings::anycast6_helper_ifacaddr_msg_new() };
        // INVARIANT: The buffer has just been allocated.
        NonNull::new(skb).map(Self).ok_or(ENOMEM)
    }

    fn fill(&mut self, group: &Acaddr, event: Event) -> Result {
        let fill = symbols::inet6_fill_ifacaddr();
        let mut args = bindings::inet6_fill_args {
            portid: 0,
            seq: 0,
            event: event.message_type(),
            flags: 0,
            netnsid: -1,
            ifindex: 0,
            type_: 0,
            force_rt_scope_universe: false,
        };
        // SAFETY: Buffer and group are alive, and the arguments are read during the call only.
        to_result(unsafe { fill(self.0.as_ptr(), group.as_ptr(), &mut args) })
    }

    fn send(self, net: &Net) {
        let skb = core::mem::ManuallyDrop::new(self).0;
        // SAFETY: The namespace is alive; the call takes the buffer over.
        unsafe {
            bindings::rtnl_notify(
                skb.as_ptr(),
                net.as_ptr(),
                0,
                GROUP,
                null_mut(),
                bindings::ANYCAST6_GFP_KERNEL,
            )
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: The buffer is ours alone.
        unsafe { bindings::anycast6_helper_kfree_skb(self.0.as_ptr()) }
    }
}

/// Notifies the listeners in `net` of an event of `group`.
///
/// Without memory for the message, the listeners learn that they have missed one (an error on their
/// sockets). Sleeps: process context.
pub(crate) fn tell(net: &Net, group: &Acaddr, event: Event) {
    let message = Message::new().and_then(|mut message| {
        message.fill(group, event)?;
        Ok(message)
    });
    match message {
        Ok(message) => message.send(net),
        // SAFETY: The namespace is alive.
        Err(err) => unsafe {
            bindings::rtnl_set_sk_err(net.as_ptr(), GROUP, err.to_errno());
        },
    }
}
