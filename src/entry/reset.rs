// SPDX-License-Identifier: GPL-2.0

//! TCP segments for connections that the host does not know.

use super::syn::place_of;
use crate::{
    decide::{
        counter::Counter,
        reset, //
    },
    group::lookup,
    sys::segment::Segment, //
};

/// A TCP segment for the host, with `net.ipv6.anycast6.tcp_reset`. If it is for a group and TCP has no
/// socket for it, a reset answers it: TCP itself is silent, as it is about all that is not for a unicast
/// address.
///
/// The order is that of the costs, for floods. Softirq, under the RCU read lock.
pub(crate) fn segment(segment: &Segment<'_>) {
    let Some(reset) = reset::answer(segment.start(), segment.len()) else {
        return;
    };
    let net = segment.net();
    if is_for_group(segment)
        && !segment.has_socket()
        && segment.is_valid()
        && net.resets().may_send()
        && segment.answer(&reset).is_ok()
    {
        net.stats().count(Counter::Reset);
    }
}

/// Whether the destination is a published group where the segment arrived. Not known, so false, while
/// C may be answering for groups.
fn is_for_group(segment: &Segment<'_>) -> bool {
    let (net, addr) = (segment.net(), segment.destination());
    !segment.is_unicast()
        && net.device(segment.ifindex()).is_some_and(|arrival| {
            lookup::is_held_where(net, place_of(&arrival, &addr), &addr, |_| true)
        })
}
