// SPDX-License-Identifier: GPL-2.0

//! The well-known anycast addresses of a prefix: the interface identifiers that RFC 2526 reserves.
//!
//! The last seven bits are the anycast identifier (126 for Mobile IPv6 home agents). All bits before,
//! up to the prefix, are ones, but for the universal/local bit of a 64-bit identifier, which is zero.

use core::net::Ipv6Addr;

/// Bits of the anycast identifier.
const ID_BITS: u32 = 7;
/// Prefixes of this length have interface identifiers in EUI-64 format.
const EUI64_PREFIX: u32 = 64;
/// The universal/local bit of such an identifier.
const UNIVERSAL: u128 = 1 << 57;

/// Is `addr`, with a prefix of `prefix_len` bits, a well-known anycast address?
pub(crate) fn is_well_known(addr: &Ipv6Addr, prefix_len: u32) -> bool {
    // An identifier of seven bits or fewer has no room for a reserved part.
    if prefix_len + ID_BITS >= Ipv6Addr::BITS {
        return false;
    }
    let host = u128::MAX >> prefix_len;
    let id = (1 << ID_BITS) - 1;
    let reserved = match prefix_len {
        EUI64_PREFIX => host & !UNIVERSAL,
        _ => host,
    };
    (u128::from(*addr) | id) & host == reserved
}
