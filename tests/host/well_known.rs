// SPDX-License-Identifier: GPL-2.0

//! The reserved anycast addresses of RFC 2526.

use crate::logic::well_known::is_well_known;

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
