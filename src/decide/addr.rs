// SPDX-License-Identifier: GPL-2.0

//! What an IPv6 address says of its own scope, and of who solicits it.

use core::net::Ipv6Addr;

/// Scope field of a multicast address that stands for the link (RFC 4291, section 2.7).
const MULTICAST_SCOPE_LINK: u8 = 2;

/// Does `addr` mean something on one link only?
///
/// True for `fe80::/10` and for multicast of link scope, the addresses of which the kernel says
/// `IPV6_ADDR_LINKLOCAL` (net/ipv6/addrconf_core.c).
pub(crate) fn is_link_local(addr: &Ipv6Addr) -> bool {
    addr.is_unicast_link_local()
        || (addr.is_multicast() && addr.octets()[1] & 0xf == MULTICAST_SCOPE_LINK)
}

/// The multicast group to which solicitations of `addr` go (RFC 4291, section 2.7.1).
pub(crate) fn solicited_node(addr: &Ipv6Addr) -> Ipv6Addr {
    let [.., high, low] = addr.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | high & 0xff, low)
}
