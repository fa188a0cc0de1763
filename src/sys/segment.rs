// SPDX-License-Identifier: GPL-2.0

//! A TCP segment that arrives for the host, before TCP gets it.
//!
//! C headers: `include/net/tcp.h`, `include/net/inet6_hashtables.h`

use super::{
    addr::from_kernel,
    face::Face,
    net::Net, //
};
use crate::{
    bindings,
    decide::reset::{
        HEADER,
        LONGEST, //
    },
};
use core::{
    ffi::c_int,
    marker::PhantomData,
    mem::MaybeUninit,
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::prelude::*;

/// A TCP segment, in softirq under the RCU read lock.
///
/// # Invariants
///
/// `skb` is an IPv6 packet in `net` at netfilter's `LOCAL_IN`, alive for `'p`. Its TCP header is `at` bytes from the
/// start of its data, of which there are more. `start[..filled]` are the first bytes from there.
pub(crate) struct Segment<'p> {
    net: &'p Net,
    skb: NonNull<bindings::sk_buff>,
    at: u32,
    start: [u8; LONGEST],
    filled: usize,
    _phantom: PhantomData<&'p ()>,
}

impl<'p> Segment<'p> {
    /// The segment in `skb`, if it is one for the host itself, is no fragment, and no socket has been
    /// found for it yet.
    ///
    /// # Safety
    ///
    /// `skb` is an IPv6 packet at `LOCAL_IN` of `net`, the caller's own for `'p`; RCU read lock.
    pub(super) unsafe fn new(net: &'p Net, skb: NonNull<bindings::sk_buff>) -> Option<Self> {
        let (mut proto, mut fragment) = (0, 0);
        let mut start = [0; LONGEST];
        // SAFETY: The packet is alive, and as much is copied as it has and `start` takes.
        let (at, filled) = unsafe {
            let raw = skb.as_ptr();
            if !bindings::anycast6_helper_skb_is_unclaimed(raw) {
                return None;
            }
            let at = bindings::anycast6_helper_skb_transport(raw, &mut proto, &mut fragment);
            let at = u32::try_from(at).ok()?;
            if u32::from(proto) != bindings::IPPROTO_TCP || fragment != 0 {
                return None;
            }
            let len = bindings::anycast6_helper_skb_len(raw).checked_sub(at)?;
            let filled = LONGEST.min(len as usize);
            bindings::skb_copy_bits(raw, at as c_int, start.as_mut_ptr().cast(), filled as c_int);
            (at, filled)
        };
        // INVARIANT: There it is, and so much has been copied.
        (filled >= HEADER).then_some(Self {
            net,
            skb,
            at,
            start,
            filled,
            _phantom: PhantomData,
        })
    }

    /// The namespace in which it arrived.
    pub(crate) fn net(&self) -> &'p Net {
        self.net
    }

    /// Its first bytes, as many as the longest header has if there are so many.
    pub(crate) fn start(&self) -> &[u8] {
        self.start.get(..self.filled).unwrap_or_default()
    }

    /// Its length, with the header.
    pub(crate) fn len(&self) -> u32 {
        // SAFETY: The packet is alive.
        let len = unsafe { bindings::anycast6_helper_skb_len(self.skb.as_ptr()) };
        len.saturating_sub(self.at)
    }

    /// Its destination.
    pub(crate) fn destination(&self) -> Ipv6Addr {
        // SAFETY: The packet is alive, and has its header for as long.
        from_kernel(unsafe { &*bindings::anycast6_helper_skb_destination(self.skb.as_ptr()) })
    }

    /// Whether its destination is a unicast address of the host, to which TCP answers itself.
    pub(crate) fn is_unicast(&self) -> bool {
        // SAFETY: The packet is alive, and has been routed, as all are at `LOCAL_IN`.
        unsafe { bindings::anycast6_helper_skb_is_unicast(self.skb.as_ptr()) }
    }

    /// The ifindex of the device by which it arrived; in a VRF, that of the port.
    pub(crate) fn ifindex(&self) -> i32 {
        // SAFETY: The packet is alive, and IPv6 keeps the index with it until TCP gets it.
        unsafe { bindings::anycast6_helper_skb_arrival(self.skb.as_ptr()) }
    }

    /// Whether TCP would find a socket for it: a connection, also one that has just ended or just
    /// begins, or a listener.
    pub(crate) fn has_socket(&self) -> bool {
        let [s0, s1, d0, d1, ..] = self.start;
        let mut counted = false;
        // SAFETY: Namespace and packet are alive, under the RCU read lock. The reference that the look-up may
        // take is given back.
        unsafe {
            let sock = bindings::anycast6_helper_tcp_lookup(
                self.net.as_ptr(),
                self.skb.as_ptr(),
                u16::from_ne_bytes([s0, s1]),
                u16::from_ne_bytes([d0, d1]),
                &mut counted,
            );
            if counted && !sock.is_null() {
                bindings::sock_gen_put(sock);
            }
            !sock.is_null()
        }
    }

    /// Whether its checksum is right, and no IPsec policy forbids it.
    pub(crate) fn is_valid(&self) -> bool {
        // SAFETY: The packet is the caller's own, and the header where it is said to be. Both may note with the
        // packet what they found.
        unsafe {
            bindings::anycast6_helper_skb_xfrm_passes(self.skb.as_ptr())
                && bindings::anycast6_helper_skb_tcp_checks(self.skb.as_ptr(), self.at)
        }
    }

    /// Sends a segment of a header alone back, from the address that this one was sent to. Fails with `ENOMEM`, or
    /// `EHOSTUNREACH` when no route leads there.
    pub(crate) fn answer(&self, header: &[u8; HEADER]) -> Result {
        let net = self.net.as_ptr();
        // SAFETY: The header is copied.
        let reply =
            unsafe { bindings::anycast6_helper_tcp_skb(header.as_ptr().cast(), HEADER as u32) };
        if reply.is_null() {
            return Err(ENOMEM);
        }
        let mut flow = MaybeUninit::<bindings::flowi6>::uninit();
        // SAFETY: Namespace and packet are alive, and the reply is ours until it is sent or freed. It begins with a
        // TCP header, which has no alignment of its own to keep. `flow` is filled in before it is read. The reply takes
        // over the reference to the route.
        unsafe {
            let (skb, flow) = (self.skb.as_ptr(), flow.as_mut_ptr());
            bindings::anycast6_helper_reply_flow(net, skb, header.as_ptr().cast(), flow);
            bindings::anycast6_helper_tcp_sum(reply, flow);
            let route = bindings::anycast6_helper_reply_dst(net, flow);
            if route.is_null() {
                bindings::anycast6_helper_kfree_skb(reply);
                return Err(EHOSTUNREACH);
            }
            let class = bindings::anycast6_helper_skb_dsfield(skb);
            bindings::anycast6_helper_reply_xmit(net, reply, route, flow, class);
            bindings::anycast6_helper_count_reset(net);
        }
        Ok(())
    }
}
