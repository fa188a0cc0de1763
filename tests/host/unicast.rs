// SPDX-License-Identifier: GPL-2.0

//! Which addresses need which subnet-router anycast.

use crate::logic::unicast::Unicast;
use core::net::Ipv6Addr;

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
