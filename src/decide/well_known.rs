// SPDX-License-Identifier: GPL-2.0

//! The well-known anycast addresses of a 64-bit prefix: the interface identifiers that RFC 2526
//! reserves.
//!
//! The last seven bits are the anycast identifier (126 for Mobile IPv6 home agents). All bits
//! before are ones, except the universal/local bit, which is zero. No host may have such an
//! identifier (RFC 5453), so a group there takes no neighbour's address.
//!
//! RFC 2526 reserves addresses of other prefixes, too, but hosts may be numbered with those: `::80`
//! to `::ff` of a 120-bit prefix.

use core::net::Ipv6Addr;

/// Prefixes of this length have interface identifiers in EUI-64 format.
const EUI64_PREFIX: u32 = 64;
/// The first of the reserved identifiers.
const FIRST: u64 = 0xfdff_ffff_ffff_ff80;
/// The last one.
const LAST: u64 = 0xfdff_ffff_ffff_ffff;

/// Whether `addr`, with a prefix of `prefix_len` bits, is a well-known anycast address that no host
/// may have.
pub(crate) fn is_well_known(addr: &Ipv6Addr, prefix_len: u32) -> bool {
    let identifier = addr.to_bits() as u64;
    prefix_len == EUI64_PREFIX && (FIRST..=LAST).contains(&identifier)
}
