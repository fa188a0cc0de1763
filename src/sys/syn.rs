// SPDX-License-Identifier: GPL-2.0

//! A SYN at its listener, for the steps of `tcp_v6_conn_request()` (net/ipv6/tcp_ipv6.c).
//!
//! C header: `include/net/tcp.h`

use super::{
    addr::from_kernel,
    face::Face,
    sock::Sock, //
};
use crate::bindings::{
    self,
    symbols, //
};
use core::{
    ffi::c_int,
    marker::PhantomData,
    net::Ipv6Addr,
    ptr::NonNull, //
};

/// A SYN, in softirq under the RCU read lock.
///
/// # Invariants
///
/// `skb` is a TCP packet that has been routed, alive for `'p`.
pub(crate) struct Syn<'p> {
    listener: &'p Sock,
    skb: NonNull<bindings::sk_buff>,
    _phantom: PhantomData<&'p ()>,
}

impl<'p> Syn<'p> {
    /// The SYN `skb` for `listener`.
    ///
    /// # Safety
    ///
    /// Both are alive for `'p`, `skb` being a TCP packet that has been routed; RCU read lock.
    pub(crate) unsafe fn new(listener: &'p Sock, skb: *mut bindings::sk_buff) -> Self {
        // INVARIANT: The caller has a routed TCP packet alive for `'p`.
        Self {
            listener,
            // SAFETY: A packet is not at null.
            skb: unsafe { NonNull::new_unchecked(skb) },
            _phantom: PhantomData,
        }
    }

    /// The listener.
    pub(crate) fn listener(&self) -> &'p Sock {
        self.listener
    }

    /// Whether it is an IPv4 packet.
    pub(crate) fn is_ipv4(&self) -> bool {
        // SAFETY: The packet is alive.
        unsafe { bindings::anycast6_helper_skb_is_ipv4(self.skb.as_ptr()) }
    }

    /// Whether its destination is a unicast address of the host.
    pub(crate) fn is_unicast(&self) -> bool {
        // SAFETY: The packet is alive, and has been routed.
        unsafe { bindings::anycast6_helper_skb_is_unicast(self.skb.as_ptr()) }
    }

    /// Whether its source is an IPv4-mapped address.
    pub(crate) fn is_from_mapped(&self) -> bool {
        // SAFETY: The packet is alive, and has its header for as long.
        let source = unsafe { &*bindings::anycast6_helper_skb_source(self.skb.as_ptr()) };
        from_kernel(source).to_ipv4_mapped().is_some()
    }

    /// Its destination.
    pub(crate) fn destination(&self) -> Ipv6Addr {
        // SAFETY: The packet is alive, and has its header for as long.
        from_kernel(unsafe { &*bindings::anycast6_helper_skb_destination(self.skb.as_ptr()) })
    }

    /// The ifindex of the device by which it arrived; in a VRF, that of the port.
    pub(crate) fn ifindex(&self) -> i32 {
        // SAFETY: The packet is alive; TCP keeps the index with it.
        unsafe { bindings::anycast6_helper_skb_iif(self.skb.as_ptr()) }
    }

    /// Passes it to TCP over IPv4, which answers.
    pub(crate) fn answer_by_ipv4(&self) -> c_int {
        let answer = symbols::tcp_v4_conn_request();
        // SAFETY: Listener and packet are alive, and the packet is a TCP one.
        unsafe { answer(self.listener.as_ptr(), self.skb.as_ptr()) }
    }

    /// Passes it to TCP, which answers.
    pub(crate) fn answer(&self) -> c_int {
        let answer = symbols::tcp_conn_request();
        // SAFETY: Listener and packet are alive, and the packet is a TCP one; the operations are those of IPv6.
        unsafe {
            answer(
                symbols::tcp6_request_sock_ops(),
                symbols::tcp_request_sock_ipv6_ops(),
                self.listener.as_ptr(),
                self.skb.as_ptr(),
            )
        }
    }

    /// Drops it without an answer, and counts a listen drop.
    pub(crate) fn drop_silently(&self) -> c_int {
        // SAFETY: The listener is alive.
        unsafe { bindings::anycast6_helper_listendrop(self.listener.as_ptr()) };
        0
    }

    /// Drops it without an answer, and counts a header error.
    pub(crate) fn drop_malformed(&self) -> c_int {
        // SAFETY: The listener is alive.
        unsafe { bindings::anycast6_helper_count_header_error(self.listener.as_ptr()) };
        0
    }
}
