// SPDX-License-Identifier: GPL-2.0

//! Resets, by the words of RFC 9293, section 3.10.7.1.

use crate::{
    decide::reset::{answer, pay, AT_ONCE, HEADER, INTERVAL, LONGEST},
    properties::config,
};
use proptest::prelude::*;

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;

const SEQ: u32 = 0x0102_0304;
const ACKED: u32 = 0xf1f2_f3f4;

/// From port 0x1122 to 0x3344, with options and data of that length.
fn segment(flags: u8, options: &[u8], data: u32) -> (Vec<u8>, u32) {
    let mut bytes = vec![0x11, 0x22, 0x33, 0x44];
    bytes.extend(SEQ.to_be_bytes());
    bytes.extend(ACKED.to_be_bytes());
    bytes.push(((HEADER + options.len()) / 4 * 16) as u8);
    bytes.extend([flags, 0xff, 0xff, 0xab, 0xcd, 0, 0]);
    bytes.extend(options);
    let len = bytes.len() as u32 + data;
    bytes.resize(LONGEST.min(len as usize), 0xee);
    (bytes, len)
}

fn reset(seq: u32, ack: u32, flags: u8) -> Option<[u8; HEADER]> {
    let mut bytes = vec![0x33, 0x44, 0x11, 0x22];
    bytes.extend(seq.to_be_bytes());
    bytes.extend(ack.to_be_bytes());
    bytes.extend([0x50, flags, 0, 0, 0, 0, 0, 0]);
    bytes.try_into().ok()
}

fn check(flags: u8, options: &[u8], data: u32, expected: Option<[u8; HEADER]>) {
    let (bytes, len) = segment(flags, options, data);
    assert_eq!(
        answer(&bytes, len),
        expected,
        "{flags:#x} {options:?} {data}"
    );
}

/// "If the ACK bit is on, `<SEQ=SEG.ACK><CTL=RST>`"
#[test]
fn what_acknowledges_is_answered_by_what_it_expects() {
    for flags in [ACK, ACK | PSH, ACK | FIN, ACK | SYN, 0xc0 | ACK] {
        for data in [0, 1, 1440, 70_000] {
            check(flags, &[], data, reset(ACKED, 0, RST));
        }
    }
}

/// "If the ACK bit is off, sequence number zero is used, `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`"
#[test]
fn anything_else_is_acknowledged() {
    check(0, &[], 0, reset(0, SEQ, RST | ACK));
    check(PSH, &[], 7, reset(0, SEQ + 7, RST | ACK));
    check(FIN, &[1, 1, 1, 0], 7, reset(0, SEQ + 8, RST | ACK));
}

/// "An incoming segment containing a RST is discarded", and who asks for a connection gets silence.
#[test]
fn resets_and_requests_are_not_answered() {
    for flags in [
        RST,
        RST | ACK,
        RST | SYN,
        RST | SYN | ACK,
        SYN,
        SYN | FIN,
        SYN | 0xc0,
    ] {
        check(flags, &[], 3, None);
    }
}

#[test]
fn signatures_are_not_answered() {
    let md5 = [[1, 1, 19, 18].as_slice(), &[7; 16]].concat();
    let ao = [29, 16, 1, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];
    check(ACK, &md5, 0, None);
    check(ACK, &ao, 0, None);
    check(ACK, &[8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 19, 2], 0, None);
}

#[test]
fn options_are_read_as_the_kernel_reads_them() {
    let answered = reset(ACKED, 0, RST);
    check(ACK, &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], 0, answered);
    check(ACK, &[0, 19, 18, 1], 0, answered);
    check(ACK, &[2, 4, 19, 29], 0, answered);
    check(ACK, &[5, 2, 1, 1], 0, answered);
    for broken in [
        [1, 1, 1, 8],
        [8, 0, 1, 1],
        [8, 1, 1, 1],
        [1, 1, 8, 3],
        [8, 255, 0, 0],
    ] {
        check(ACK, &broken, 0, None);
    }
}

#[test]
fn a_header_that_is_not_all_there_is_not_answered() {
    let (bytes, len) = segment(ACK, &[1, 1, 1, 1], 0);
    for cut in 0..len {
        assert_eq!(answer(&bytes[..cut as usize], cut), None, "{cut}");
    }
    let mut short = bytes;
    for words in 0..5 {
        short[12] = words * 16;
        assert_eq!(answer(&short, len), None, "{words}");
    }
    // Less of the segment than of its start: nonsense, but harmless.
    assert_eq!(answer(&segment(ACK, &[1; 8], 0).0, 27), None);
}

#[test]
fn so_many_at_once_and_then_one_each_interval() {
    let mut paid = 0;
    for _ in 0..AT_ONCE {
        paid = pay(paid, 5).unwrap();
    }
    assert_eq!(pay(paid, 5), None);
    assert_eq!(pay(paid, 4 + INTERVAL), None);
    paid = pay(paid, 5 + INTERVAL).unwrap();
    assert_eq!(pay(paid, 5 + INTERVAL), None);
    assert_eq!(pay(paid, u64::MAX), None);
    assert_eq!(pay(paid, paid + 9), Some(paid + 9 + INTERVAL));
}

proptest! {
    #![proptest_config(config())]

    /// No segment gets a longer answer than itself, nor one that is answered again.
    #[test]
    fn answers_end(
        start in prop::collection::vec(any::<u8>(), 0..=LONGEST), more in 0..70_000_u32,
        words in 5..=15_u8, plain in any::<bool>(),
    ) {
        let mut start = start;
        if let Some(offset) = start.get_mut(12).filter(|_| plain) {
            *offset = words * 16;
        }
        let len = start.len() as u32 + more;
        if let Some(reset) = answer(&start, len) {
            prop_assert!(len as usize >= HEADER);
            prop_assert_eq!(&reset[..4], [&start[2..4], &start[..2]].concat());
            prop_assert_eq!(answer(&reset, HEADER as u32), None);
            prop_assert!(start[13] & RST == 0 && start[13] & (SYN | ACK) != SYN);
        }
    }

    /// However the segments come.
    #[test]
    fn no_more_than_the_rate(pauses in prop::collection::vec(0..3 * INTERVAL, 0..5000)) {
        let (mut now, mut paid, mut sent) = (0, 0, 0);
        for pause in pauses {
            now += pause;
            if let Some(next) = pay(paid, now) {
                (paid, sent) = (next, sent + 1);
            }
            prop_assert!(sent <= AT_ONCE + now / INTERVAL);
        }
    }
}
