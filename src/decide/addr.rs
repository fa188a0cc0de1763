// SPDX-License-Identifier: GPL-2.0

//! The scope of an IPv6 address, and its solicited-node group.

use core::net::Ipv6Addr;

/// The scope of link-local multicast addresses (RFC 4291, section 2.7).
const MULTICAST_SCOPE_LINK: u8 = 2;

/// Whether `addr` is valid on one link only.
///
/// True for `fe80::/10` and for multicast of link scope: the addresses that the kernel classifies
/// as `IPV6_ADDR_LINKLOCAL` (net/ipv6/addrconf_core.c).
pub(crate) fn is_link_local(addr: &Ipv6Addr) -> bool {
    addr.is_unicast_link_local()
        || (addr.is_multicast() && addr.octets()[1] & 0xf == MULTICAST_SCOPE_LINK)
}

/// The solicited-node multicast group of `addr`, which receives its solicitations (RFC 4291,
/// section 2.7.1).
pub(crate) fn solicited_node(addr: &Ipv6Addr) -> Ipv6Addr {
    let [.., high, low] = addr.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | high & 0xff, low)
}
