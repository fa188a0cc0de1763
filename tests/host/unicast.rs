// SPDX-License-Identifier: GPL-2.0

//! Which addresses need which subnet-router anycast.

use crate::{
    decide::unicast::Unicast,
    properties::{addr, bits, config, from_bits},
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

fn unicast(addr: &str, prefix_len: u32) -> Unicast {
    Unicast {
        addr: addr.parse().unwrap(),
        prefix_len,
        tentative: false,
        gone: false,
    }
}

fn check_needs(addr: &str, prefix_len: u32, group: &str, expected: bool) {
    let group: Ipv6Addr = group.parse().unwrap();
    let needs = unicast(addr, prefix_len).needs(&group);
    assert_eq!(needs, expected, "{addr}/{prefix_len} {group}");
}

#[test]
fn the_prefix_with_zeroes_behind_it() {
    check_needs("2001:db8:1::7", 64, "2001:db8:1::", true);
    check_needs("2001:db8:1::7", 64, "2001:db8:2::", false);
    check_needs("2001:db8:1::7", 64, "2001:db8:1::7", false);
    check_needs("2001:db8:1:2::7", 48, "2001:db8:1::", true);
    check_needs("2001:db8::5", 126, "2001:db8::4", true);
    check_needs("fe80::1", 10, "fe80::", true);
    // The address may be the anycast itself.
    check_needs("2001:db8:1::", 64, "2001:db8:1::", true);
    check_needs("8000::1", 1, "8000::", true);
}

#[test]
fn none_on_point_to_point_links_and_none_of_all_zeroes() {
    check_needs("2001:db8::5", 127, "2001:db8::4", false);
    check_needs("2001:db8::5", 128, "2001:db8::5", false);
    check_needs("2001:db8::5", 0, "::", false);
    check_needs("::5", 64, "::", false);
}

#[test]
fn only_while_the_address_is_in_use() {
    let group = "2001:db8:1::".parse().unwrap();
    let used = unicast("2001:db8:1::7", 64);
    assert!(used.needs(&group));
    let tentative = Unicast {
        tentative: true,
        ..used
    };
    assert!(!tentative.needs(&group));
    let gone = Unicast { gone: true, ..used };
    assert!(!gone.needs(&group));
}

fn check_covers(addr: &str, prefix_len: u32, other: &str, expected: bool) {
    let covers = unicast(addr, prefix_len).covers(&other.parse().unwrap());
    assert_eq!(covers, expected, "{addr}/{prefix_len} {other}");
}

#[test]
fn covers_its_prefix_to_the_last_bit() {
    check_covers("2001:db8:1::7", 64, "2001:db8:1::8", true);
    check_covers("2001:db8:1::7", 64, "2001:db8:1:1::7", false);
    check_covers("2001:db8::4", 126, "2001:db8::7", true);
    check_covers("2001:db8::4", 126, "2001:db8::8", false);
    check_covers("2001:db8::4", 128, "2001:db8::4", true);
    check_covers("2001:db8::4", 128, "2001:db8::5", false);
    check_covers("2001:db8::4", 0, "fe80::", true);
    check_covers("8000::", 1, "ffff::", true);
    check_covers("8000::", 1, "7fff::", false);
}

/// Mostly in use, and often on a link of two.
fn any_unicast() -> impl Strategy<Value = Unicast> {
    let prefix_len = prop_oneof![0..=128_u32, 125..=128_u32];
    let rarely = || prop::bool::weighted(0.2);
    (addr(), prefix_len, rarely(), rarely()).prop_map(|(addr, prefix_len, tentative, gone)| {
        Unicast {
            addr,
            prefix_len,
            tentative,
            gone,
        }
    })
}

/// The first bits of `addr`, zeroes behind.
fn cut(addr: &Ipv6Addr, len: u32) -> Ipv6Addr {
    let mut bits = bits(addr);
    bits[len as usize..].fill(false);
    from_bits(&bits)
}

proptest! {
    #![proptest_config(config())]

    /// Bit by bit: the address with any other tail is covered; with any bit of the prefix changed, it is not.
    #[test]
    fn covers_bit_by_bit(unicast in any_unicast(), other in addr(), flipped in 0..128_usize) {
        let len = unicast.prefix_len as usize;
        let mut near = bits(&unicast.addr);
        near[len..].copy_from_slice(&bits(&other)[len..]);
        prop_assert!(unicast.covers(&from_bits(&near)));
        near[flipped] ^= true;
        prop_assert_eq!(unicast.covers(&from_bits(&near)), flipped >= len);
        prop_assert_eq!(unicast.covers(&other), bits(&unicast.addr)[..len] == bits(&other)[..len]);
    }

    /// An address in use needs the cut-off one, where its prefix leaves room, and no other.
    #[test]
    fn needs_what_is_cut_off(unicast in any_unicast(), other in addr()) {
        let anycast = cut(&unicast.addr, unicast.prefix_len);
        let used = !unicast.tentative && !unicast.gone;
        let room = unicast.prefix_len < 127 && anycast != Ipv6Addr::UNSPECIFIED;
        prop_assert_eq!(unicast.needs(&anycast), used && room);
        prop_assert!(!unicast.needs(&other) || other == anycast);
        // What it needs is on its prefix.
        prop_assert!(unicast.covers(&anycast));
    }
}
