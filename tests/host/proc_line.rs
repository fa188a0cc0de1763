// SPDX-License-Identifier: GPL-2.0

//! Lines of `/proc/net/anycast6`, against the C format `"%-4d %-15s %pi6 %5d\n"`.

use crate::logic::proc_line::{ProcLine, MAX_LEN};
use core::net::Ipv6Addr;

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
