// SPDX-License-Identifier: GPL-2.0

//! The reserved anycast addresses of RFC 2526.

use crate::{
    decide::well_known::is_well_known,
    properties::{addr, bits, config, from_bits},
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

fn check(addr: &str, prefix_len: u32, expected: bool) {
    let known = is_well_known(&addr.parse().unwrap(), prefix_len);
    assert_eq!(known, expected, "{addr}/{prefix_len}");
}

#[test]
fn of_a_64_bit_prefix() {
    // The range is the last 128 addresses, the universal/local bit aside.
    check("2001:db8::fdff:ffff:ffff:ff7f", 64, false);
    check("2001:db8::fdff:ffff:ffff:ff80", 64, true);
    check("2001:db8::fdff:ffff:ffff:fffe", 64, true);
    check("2001:db8::fdff:ffff:ffff:ffff", 64, true);
    check("2001:db8::fe00:0:0:0", 64, false);
    check("2001:db8::ffff:ffff:ffff:ffff", 64, false);
    check("2001:db8::ffff:ffff:ffff:fffe", 64, false);
    check("fe80::fdff:ffff:ffff:fffe", 64, true);
    check("2001:db8::fdff:ffff:fffe:fffe", 64, false);
    check("2001:db8::fffe", 64, false);
    check("2001:db8::", 64, false);
}

/// What RFC 2526 names there is a neighbour's like any other.
#[test]
fn of_other_prefixes() {
    check("2001:db8::ffff:ffff", 96, false);
    check("2001:db8::fdff:fffe", 96, false);
    check("2001:db8::ff", 120, false);
    check("2001:db8::80", 120, false);
    check("2001:db8:0:ffff:ffff:ffff:ffff:fffe", 48, false);
    check("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 0, false);
}

/// The very addresses of a prefix of 64 bits, as any other length has them.
#[test]
fn of_each_length() {
    for len in 0..=200 {
        check("2001:db8::fdff:ffff:ffff:ff80", len, len == 64);
        check("2001:db8::fdff:ffff:ffff:ffff", len, len == 64);
    }
}

/// RFC 2526, figure 1, bit by bit: the address with anycast identifier `id` of a prefix of 64 bits.
fn reserved(prefix: &Ipv6Addr, id: u8) -> Ipv6Addr {
    let mut bits = bits(prefix);
    bits[64..121].fill(true);
    bits[64 + 6] = false;
    for (place, bit) in bits[121..].iter_mut().enumerate() {
        *bit = id & (0x40 >> place) != 0;
    }
    from_bits(&bits)
}

proptest! {
    #![proptest_config(config())]

    /// All identifiers of all prefixes are; with one bit before them changed, none is.
    #[test]
    fn as_the_figure_shows(prefix in addr(), id in 0..128_u8, flipped in 0..128_usize) {
        let addr = reserved(&prefix, id);
        prop_assert!(is_well_known(&addr, 64));
        let mut bits = bits(&addr);
        bits[flipped] ^= true;
        let outside = !(64..121).contains(&flipped);
        prop_assert_eq!(is_well_known(&from_bits(&bits), 64), outside);
    }

    /// Any other address is not, and none of a prefix of another length.
    #[test]
    fn nothing_else_is(addr in addr(), len in 0..=200_u32) {
        let id = u128::from(addr) as u8 & 0x7f;
        prop_assert_eq!(is_well_known(&addr, 64), addr == reserved(&addr, id));
        prop_assert!(len == 64 || !is_well_known(&addr, len));
        prop_assert!(len == 64 || !is_well_known(&reserved(&addr, id), len));
    }
}
