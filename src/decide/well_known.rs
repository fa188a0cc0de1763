// SPDX-License-Identifier: GPL-2.0

//! The well-known anycast addresses of a prefix of 64 bits: the interface identifiers that RFC 2526
//! reserves.
//!
//! The last seven bits are the anycast identifier (126 for Mobile IPv6 home agents). All bits before
//! are ones, but for the universal/local bit, which is zero. No host may have such an identifier
//! (RFC 5453), so whoever answers for one takes nothing from a neighbour.
//!
//! RFC 2526 names addresses of other prefixes, too. Those are ordinary ones to who numbers hosts there:
//! `::80` to `::ff` of a prefix of 120 bits.

use core::net::Ipv6Addr;

/// Prefixes of this length have interface identifiers in EUI-64 format.
const EUI64_PREFIX: u32 = 64;
/// The first of the reserved identifiers.
const FIRST: u64 = 0xfdff_ffff_ffff_ff80;
/// The last of them.
const LAST: u64 = 0xfdff_ffff_ffff_ffff;

/// Is `addr`, with a prefix of `prefix_len` bits, a well-known anycast address that no host may have?
pub(crate) fn is_well_known(addr: &Ipv6Addr, prefix_len: u32) -> bool {
    let identifier = addr.to_bits() as u64;
    prefix_len == EUI64_PREFIX && (FIRST..=LAST).contains(&identifier)
}
