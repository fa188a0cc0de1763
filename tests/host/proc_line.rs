// SPDX-License-Identifier: GPL-2.0

//! Lines of `/proc/net/anycast6`, against the C format `"%-4d %-15s %pi6 %5d\n"`.

use crate::{
    decide::proc_line::{ProcLine, MAX_LEN},
    properties::{addr, config},
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

fn line(ifindex: i32, name: &[u8], addr: Ipv6Addr, users: i32) -> Vec<u8> {
    ProcLine::new(ifindex, name, &addr, users)
        .as_bytes()
        .to_vec()
}

fn text(ifindex: i32, name: &str, addr: &str, users: i32) -> String {
    let addr = addr.parse().expect(addr);
    String::from_utf8(line(ifindex, name.as_bytes(), addr, users)).expect("ascii")
}

#[test]
fn a_line_as_the_kernel_prints_it() {
    assert_eq!(
        text(2, "eth0", "2001:db8::1234", 1),
        "2    eth0            20010db8000000000000000000001234     1\n"
    );
}

#[test]
fn fields_grow_beyond_their_width() {
    assert_eq!(
        text(12345, "abcdefghijklmno", "fe80::", 123456),
        "12345 abcdefghijklmno fe800000000000000000000000000000 123456\n"
    );
}

#[test]
fn the_longest_line_fits() {
    let longest = line(i32::MIN, &[b'x'; 15], Ipv6Addr::from([0xff; 16]), i32::MIN);
    assert_eq!(longest.len(), MAX_LEN);
    assert_eq!(longest.last(), Some(&b'\n'));
}

#[test]
fn names_are_bytes() {
    let line = line(2, b"et\xffh\xc3\xa9", Ipv6Addr::UNSPECIFIED, 1);
    assert_eq!(&line[5..20], b"et\xffh\xc3\xa9         ");
    assert_eq!(line[20], b' ');
}

#[test]
fn every_number_as_decimal() {
    let powers = (0..31).map(|bit| 1_i32 << bit);
    let numbers = powers.flat_map(|power| [power - 1, power, power + 1, -power]);
    for number in numbers.chain([i32::MAX, i32::MIN]) {
        let expected = format!("{number:<4} x               {:032x} {number:>5}\n", 0);
        assert_eq!(text(number, "x", "::", number), expected);
    }
}

#[test]
fn every_nibble_as_hex() {
    for octet in 0..=255_u8 {
        let addr = Ipv6Addr::from([octet; 16]);
        let expected = format!(
            "1    x               {} {:>5}\n",
            format!("{octet:02x}").repeat(16),
            1
        );
        assert_eq!(text(1, "x", &addr.to_string(), 1), expected);
    }
}

/// What a device may be called.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        any::<u8>().prop_filter("blank", |byte| !byte.is_ascii_whitespace() && *byte != 0x0b);
    prop::collection::vec(byte, 1..=15)
}

proptest! {
    #![proptest_config(config())]

    /// A program that splits a line at its blanks gets back what was put in.
    #[test]
    fn a_line_can_be_read(ifindex: i32, name in name(), addr in addr(), users: i32) {
        let line = line(ifindex, &name, addr, users);
        prop_assert!(line.len() <= MAX_LEN);
        prop_assert_eq!(line.last(), Some(&b'\n'));
        let fields: Vec<&[u8]> = line[..line.len() - 1]
            .split(|&byte| byte == b' ')
            .filter(|field| !field.is_empty())
            .collect();
        let [first, second, third, fourth] = fields[..] else {
            return Err(TestCaseError::fail(format!("{fields:?}")));
        };
        let number = |field: &[u8]| String::from_utf8_lossy(field).parse::<i32>().ok();
        prop_assert_eq!(number(first), Some(ifindex));
        prop_assert_eq!(second, &name[..]);
        let digits = String::from_utf8_lossy(third);
        prop_assert_eq!(digits.len(), 32);
        prop_assert_eq!(u128::from_str_radix(&digits, 16), Ok(u128::from(addr)));
        prop_assert_eq!(number(fourth), Some(users));
    }

    /// And it is byte for byte what a formatter makes of it.
    #[test]
    fn as_a_formatter_writes_it(ifindex: i32, name in "[a-z0-9._-]{1,15}", addr in addr(), users: i32) {
        let expected = format!("{ifindex:<4} {name:<15} {:032x} {users:>5}\n", u128::from(addr));
        prop_assert_eq!(line(ifindex, name.as_bytes(), addr, users), expected.into_bytes());
    }
}
