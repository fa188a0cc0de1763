// SPDX-License-Identifier: GPL-2.0

//! The reserved anycast addresses of RFC 2526.

use crate::{
    logic::well_known::is_well_known,
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

#[test]
fn of_other_prefixes() {
    check("2001:db8::ffff:ffff", 96, true);
    check("2001:db8::ffff:ff80", 96, true);
    check("2001:db8::ffff:ff7f", 96, false);
    check("2001:db8::fdff:fffe", 96, false);
    check("2001:db8:0:ffff:ffff:ffff:ffff:fffe", 48, true);
    check("2001:db8:0:ffff:fdff:ffff:ffff:fffe", 48, false);
    check("2001:db8:0:1:ffff:ffff:ffff:fffe", 48, false);
    check("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 0, true);
}

#[test]
fn there_must_be_room_for_a_reserved_part() {
    check("2001:db8::ffff", 120, true);
    check("2001:db8::ff7f", 120, false);
    check("2001:db8::ffff", 121, false);
    check("2001:db8::ffff", 127, false);
    check("2001:db8::ffff", 128, false);
}

/// RFC 2526, figures 1 and 2, bit by bit: the address with anycast identifier `id` of a prefix.
fn reserved(prefix: &Ipv6Addr, len: usize, id: u8) -> Ipv6Addr {
    let mut bits = bits(prefix);
    bits[len..121].fill(true);
    if len == 64 {
        bits[64 + 6] = false;
    }
    for (place, bit) in bits[121..].iter_mut().enumerate() {
        *bit = id & (0x40 >> place) != 0;
    }
    from_bits(&bits)
}

/// Often the length that is unlike the others.
fn len() -> impl Strategy<Value = usize> {
    prop_oneof![0..121_usize, Just(64), 115..121_usize]
}

proptest! {
    #![proptest_config(config())]

    /// All identifiers of all prefixes are; with one bit before them changed, none is.
    #[test]
    fn as_the_figures_show(prefix in addr(), len in len(), id in 0..128_u8, flipped in 0..128_usize) {
        let addr = reserved(&prefix, len, id);
        prop_assert!(is_well_known(&addr, len as u32));
        let mut bits = bits(&addr);
        bits[flipped] ^= true;
        let outside = !(len..121).contains(&flipped);
        prop_assert_eq!(is_well_known(&from_bits(&bits), len as u32), outside);
    }

    /// Where seven bits or fewer are left, there is none. Any other address is not either.
    #[test]
    fn nothing_else_is(addr in addr(), short in len(), long in 121..=200_u32) {
        prop_assert!(!is_well_known(&addr, long));
        let id = u128::from(addr) as u8 & 0x7f;
        let known = is_well_known(&addr, short as u32);
        prop_assert_eq!(known, addr == reserved(&addr, short, id));
    }
}
