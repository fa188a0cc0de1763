// SPDX-License-Identifier: GPL-2.0

//! Requests for the family, and their answers.

use super::{
    message::{
        Addressee,
        Buffer,
        Message, //
    },
    numbers::{
        Command,
        GroupAttribute, //
    },
};
use crate::{
    bindings,
    sys::{
        addr::from_kernel,
        face::Face,
        net::Net, //
    },
};
use core::{
    ffi::CStr,
    net::Ipv6Addr,
    ptr::{
        from_ref,
        NonNull, //
    },
};
use kernel::{
    error::to_result,
    prelude::*,
    task::Kuid, //
};

/// A request.
///
/// # Invariants
///
/// Both are what the kernel has called an operation of the family with, which goes on.
pub(crate) struct Request<'a> {
    skb: NonNull<bindings::sk_buff>,
    info: &'a bindings::genl_info,
}

impl<'a> Request<'a> {
    /// A request as it comes.
    ///
    /// # Safety
    ///
    /// The kernel has called an operation of the family with these, and goes on with it for `'a`.
    pub(crate) unsafe fn new(skb: *mut bindings::sk_buff, info: *mut bindings::genl_info) -> Self {
        // INVARIANT: By our contract.
        Self {
            // SAFETY: The kernel calls with a message and with what it knows of it.
            skb: unsafe { NonNull::new_unchecked(skb) },
            // SAFETY: The kernel waits for the operation with both, so they stay for `'a`.
            info: unsafe { &*info },
        }
    }

    /// The network namespace of the socket.
    pub(crate) fn net(&self) -> &'a Net {
        // SAFETY: By the invariant the socket is there, and keeps its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_genl_net(self.info)) }
    }

    /// Whether who opened the socket and who sends both have `CAP_NET_ADMIN` in the user namespace that owns
    /// the network namespace.
    pub(crate) fn is_privileged(&self) -> bool {
        // SAFETY: The message is alive, and so is the namespace.
        unsafe {
            bindings::anycast6_helper_netlink_net_admin(self.skb.as_ptr(), self.net().as_ptr())
        }
    }

    /// Who opened the socket.
    pub(crate) fn opened_by(&self) -> Kuid {
        // SAFETY: The message came from a socket, which is there.
        Kuid::from_raw(unsafe { kuid(bindings::anycast6_helper_netlink_uid(self.skb.as_ptr())) })
    }

    /// A number. Fails with `EINVAL`, and says so to the program, when it is missing.
    pub(crate) fn number(&self, attribute: GroupAttribute) -> Result<u32> {
        let attr = self.find(attribute)?;
        // SAFETY: The policy allows only numbers of 32 bits here.
        Ok(unsafe { bindings::anycast6_helper_nla_get_u32(attr) })
    }

    /// An address. Fails in the same way.
    pub(crate) fn addr(&self, attribute: GroupAttribute) -> Result<Ipv6Addr> {
        let attr = self.find(attribute)?;
        // SAFETY: The policy allows only 16 bytes here.
        let addr = unsafe { bindings::anycast6_helper_nla_get_in6_addr(attr) };
        Ok(from_kernel(&addr))
    }

    /// Answers with one message. Fails with `ENOMEM`, or when the program has gone.
    pub(crate) fn reply(
        &self,
        command: Command,
        fill: impl FnOnce(&mut Message) -> Result,
    ) -> Result {
        let to = Addressee {
            port: self.info.snd_portid,
            sequence: self.info.snd_seq,
            flags: 0,
        };
        let buffer = Buffer::with(&to, command, fill)?;
        // SAFETY: The request is alive, and the call takes the buffer over.
        to_result(unsafe {
            bindings::anycast6_helper_genlmsg_reply(
                buffer.into_raw(),
                from_ref(self.info).cast_mut(),
            )
        })
    }

    /// Says why the request fails.
    pub(crate) fn refuse(&self, text: &'static CStr) {
        // SAFETY: The request is alive, and the text static.
        unsafe { bindings::anycast6_helper_extack_text(self.info.extack, text.as_char_ptr()) }
    }

    /// The same of an attribute.
    pub(crate) fn blame(&self, attribute: GroupAttribute, text: &'static CStr) {
        self.refuse(text);
        if let Ok(attr) = self.find(attribute) {
            // SAFETY: The request is alive, and the attribute part of it.
            unsafe { bindings::anycast6_helper_extack_attr(self.info.extack, attr) }
        }
    }

    fn find(&self, attribute: GroupAttribute) -> Result<*const bindings::nlattr> {
        // SAFETY: The kernel has one place for each attribute that the operation's policy knows. The numbers are
        // the policy's.
        let attr = unsafe { *self.info.attrs.add(attribute as usize) };
        if attr.is_null() {
            self.refuse(c"an attribute is missing");
            // SAFETY: The request is alive.
            unsafe {
                bindings::anycast6_helper_extack_missing(self.info.extack, attribute as u32);
            }
            return Err(EINVAL);
        }
        Ok(attr)
    }
}

/// The type of the `kernel` crate's own bindings.
fn kuid(kuid: bindings::kuid_t) -> kernel::bindings::kuid_t {
    kernel::bindings::kuid_t { val: kuid.val }
}
