// SPDX-License-Identifier: GPL-2.0

//! Scope of addresses, against what `__ipv6_addr_type()` (net/ipv6/addrconf_core.c) calls
//! `IPV6_ADDR_LINKLOCAL`, and their solicited-node groups, against RFC 4291.

use crate::{
    decide::addr::{is_link_local, solicited_node},
    properties::{addr, config},
};
use proptest::prelude::*;

#[test]
fn link_local_are_fe80_slash_10_and_multicast_of_link_scope() {
    let cases = [
        ("fe80::1", true),
        ("fe80::", true),
        ("febf:ffff::1", true),
        ("ff02::1", true),
        ("ff12::1", true),
        ("ff32::8000:1", true),
        ("fec0::1", false),
        ("fe7f::1", false),
        ("ff01::1", false),
        ("ff05::2", false),
        ("ff0e::1", false),
        ("2001:db8::1", false),
        ("fd00::1", false),
        ("::1", false),
        ("::", false),
        ("::ffff:169.254.0.1", false),
    ];
    for (addr, expected) in cases {
        let parsed = addr.parse().expect(addr);
        assert_eq!(is_link_local(&parsed), expected, "{addr}");
    }
}

#[test]
fn solicited_node_has_the_last_24_bits() {
    let cases = [
        ("4037::1:800:200e:8c6c", "ff02::1:ff0e:8c6c"), // the RFC's own
        ("2001:db8::", "ff02::1:ff00:0"),
        ("fe80::ffff:ffff", "ff02::1:ffff:ffff"),
        ("fe80::100:0", "ff02::1:ff00:0"),
    ];
    for (addr, expected) in cases {
        let parsed = addr.parse().expect(addr);
        assert_eq!(solicited_node(&parsed).to_string(), expected, "{addr}");
    }
}

proptest! {
    #![proptest_config(config())]

    /// As `ip -6 address` writes it: `fe8` to `feb`, or `ff` and scope two.
    #[test]
    fn the_first_digits_say_it(first in prop_oneof![any::<u16>(), 0xfe00..=0xffff_u16], rest in addr()) {
        let mut segments = rest.segments();
        segments[0] = first;
        let digits: Vec<char> = format!("{first:04x}").chars().collect();
        let unicast = digits[..2] == ['f', 'e'] && "89ab".contains(digits[2]);
        let multicast = digits[..2] == ['f', 'f'] && digits[3] == '2';
        prop_assert_eq!(is_link_local(&segments.into()), unicast || multicast);
    }
}
