// SPDX-License-Identifier: GPL-2.0

//! A raw socket of the kernel's that hears the neighbour advertisements which come in, with correct
//! checksums, beside the kernel's own neighbour discovery.
//!
//! The socket has no callback of ours: what has come waits in its queue, which is bounded.
//!
//! C headers: `include/linux/net.h`, `include/linux/skbuff.h`

use super::{
    face::Face,
    net::Net, //
};
use crate::{
    bindings,
    decide::{
        handover::Answer,
        heartbeat::Word,
        neighbour_message::{
            self,
            ADVERTISEMENT,
            HEADER, //
        },
    },
};
use core::{
    ffi::{
        c_int,
        c_uint, //
    },
    net::Ipv6Addr,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// As much of a message as is looked at: advertisements with more options do not answer us.
const MOST: usize = 128;

/// A message, and the device that it came in by.
pub(super) struct Heard {
    pub(super) ifindex: i32,
    pub(super) header: [u8; HEADER],
    message: [u8; MOST],
    len: usize,
}

impl Heard {
    /// The ICMPv6 message, or its beginning.
    pub(super) fn message(&self) -> &[u8] {
        self.message.get(..self.len).unwrap_or(&[])
    }
}

/// The socket.
///
/// # Invariants
///
/// It is a raw socket for ICMPv6 over IPv6 and nobody else's. The namespace is there until it is dropped.
pub(super) struct Icmpv6Socket(NonNull<bindings::socket>);

// SAFETY: Any task may use a socket.
unsafe impl Send for Icmpv6Socket {}

impl Icmpv6Socket {
    /// Opens it in `net`. Sleeps. Fails with `ENOMEM`, or as the kernel refuses.
    ///
    /// # Safety
    ///
    /// The namespace is there until the socket is dropped.
    pub(super) unsafe fn open(net: &Net) -> Result<Self> {
        let mut socket = null_mut();
        // SAFETY: The namespace is alive, and the pointer filled in if this succeeds.
        to_result(unsafe {
            bindings::sock_create_kern(
                net.as_ptr(),
                bindings::AF_INET6 as c_int,
                bindings::sock_type_SOCK_RAW as c_int,
                bindings::IPPROTO_ICMPV6 as c_int,
                &mut socket,
            )
        })?;
        // INVARIANT: It has just been made, of this kind. The caller keeps the namespace.
        let this = Self(NonNull::new(socket).ok_or(ENOMEM)?);
        // SAFETY: It is a raw socket, and open.
        unsafe { bindings::anycast6_helper_sock_only_icmpv6(this.sock(), ADVERTISEMENT) };
        Ok(this)
    }

    /// The next message; waits for it up to `msecs`, if that is not zero.
    pub(super) fn hear(&mut self, msecs: c_uint) -> Option<Heard> {
        let flags = if msecs == 0 {
            bindings::MSG_DONTWAIT
        } else {
            0
        };
        let mut err = 0;
        // SAFETY: The socket is open, and ours alone.
        let skb = unsafe {
            bindings::anycast6_helper_sock_wait(self.sock(), msecs);
            bindings::skb_recv_datagram(self.sock(), flags, &mut err)
        };
        let skb = NonNull::new(skb)?;
        // SAFETY: The message was in the socket's queue, and is ours until it is freed here, once.
        unsafe {
            let heard = copy(skb.as_ptr());
            bindings::skb_free_datagram(self.sock(), skb.as_ptr());
            heard
        }
    }

    fn sock(&self) -> *mut bindings::sock {
        // SAFETY: The socket is open.
        unsafe { bindings::anycast6_helper_socket_sock(self.0.as_ptr()) }
    }
}

impl Drop for Icmpv6Socket {
    fn drop(&mut self) {
        // SAFETY: The socket is open, and nobody else's.
        unsafe { bindings::sock_release(self.0.as_ptr()) }
    }
}

/// # Safety
///
/// `skb` is from the queue of a raw socket for ICMPv6 over IPv6: it begins with the message, and the IPv6 header
/// is where its network header is.
unsafe fn copy(skb: *mut bindings::sk_buff) -> Option<Heard> {
    // SAFETY: The header is there, by our contract.
    let (ifindex, header, len) = unsafe {
        (
            bindings::anycast6_helper_icmpv6_iif(skb),
            *bindings::anycast6_helper_skb_ipv6_header(skb).cast::<[u8; HEADER]>(),
            bindings::anycast6_helper_skb_len(skb),
        )
    };
    let len = usize::try_from(len).ok()?.min(MOST);
    let mut message = [0; MOST];
    // SAFETY: The message is as long as this, and the buffer longer.
    to_result(unsafe {
        bindings::skb_copy_bits(skb, 0, message.as_mut_ptr().cast(), len as c_int)
    })
    .ok()?;
    Some(Heard {
        ifindex,
        header,
        message,
        len,
    })
}

impl Heard {
    /// What it says, if it is the answer to a question.
    pub(super) fn answer(&self) -> Option<(Ipv6Addr, Answer)> {
        neighbour_message::answer(&self.header, self.message())
    }

    /// What it says, if it is what one member tells the others.
    pub(super) fn word(&self) -> Option<(Ipv6Addr, Word)> {
        neighbour_message::word(&self.header, self.message())
    }
}
