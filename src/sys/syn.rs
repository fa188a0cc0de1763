// SPDX-License-Identifier: GPL-2.0

//! A SYN that has found its listener, as `tcp_v6_conn_request()` (net/ipv6/tcp_ipv6.c) sees it.
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

/// A SYN in softirq, under the RCU read lock.
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

    /// The socket that it is for.
    pub(crate) fn listener(&self) -> &'p Sock {
        self.listener
    }

    /// Is it an IPv4 packet?
    pub(crate) fn is_ipv4(&self) -> bool {
        // SAFETY: The packet is alive.
        unsafe { bindings::anycast6_helper_skb_is_ipv4(self.skb.as_ptr()) }
    }

    /// Is it for a unicast address of the host?
    pub(crate) fn is_unicast(&self) -> bool {
        // SAFETY: The packet is alive, and has been routed.
        unsafe { bindings::anycast6_helper_skb_is_unicast(self.skb.as_ptr()) }
    }

    /// Does it claim to come from an IPv4 address in disguise?
    pub(crate) fn is_from_mapped(&self) -> bool {
        // SAFETY: The packet is alive, and has its header for as long.
        let source = unsafe { &*bindings::anycast6_helper_skb_source(self.skb.as_ptr()) };
        from_kernel(source).to_ipv4_mapped().is_some()
    }

    /// The address that it is for.
    pub(crate) fn destination(&self) -> Ipv6Addr {
        // SAFETY: The packet is alive, and has its header for as long.
        from_kernel(unsafe { &*bindings::anycast6_helper_skb_destination(self.skb.as_ptr()) })
    }

    /// The index of the device that it came by, the VRF's port where that is in one.
    pub(crate) fn ifindex(&self) -> i32 {
        // SAFETY: The packet is alive; TCP keeps the index with it.
        unsafe { bindings::anycast6_helper_skb_iif(self.skb.as_ptr()) }
    }

    /// Lets IPv4 answer.
    pub(crate) fn answer_by_ipv4(&self) -> c_int {
        let answer = symbols::tcp_v4_conn_request();
        // SAFETY: Listener and packet are alive, and the packet is a TCP one.
        unsafe { answer(self.listener.as_ptr(), self.skb.as_ptr()) }
    }

    /// Lets TCP answer.
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

    /// Says nothing, and counts that the listener lost a connection.
    pub(crate) fn drop_silently(&self) -> c_int {
        // SAFETY: The listener is alive.
        unsafe { bindings::anycast6_helper_listendrop(self.listener.as_ptr()) };
        0
    }

    /// Says nothing, and counts an error in the header.
    pub(crate) fn drop_malformed(&self) -> c_int {
        // SAFETY: The listener is alive.
        unsafe { bindings::anycast6_helper_count_header_error(self.listener.as_ptr()) };
        0
    }
}
