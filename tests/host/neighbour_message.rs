// SPDX-License-Identifier: GPL-2.0

//! Messages of neighbour discovery, by the layout of RFC 4861.

use crate::{
    decide::{
        handover::{Answer, LinkAddr, Peer},
        heartbeat::Word,
        neighbour_message::{
            announce, answer, ask, ask_all, tell, word, Packet, Sender, ADVERTISEMENT, HEADER,
        },
    },
    properties::config,
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

const GROUP: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0x12, 0x3456);
const FROM: Sender = Sender {
    addr: Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1),
    link: [2, 0, 0, 0, 0, 1],
    router: false,
};
const PEER: Peer = Peer {
    link: [2, 0, 0, 0, 0, 3],
    router: true,
};

/// The header is as all of neighbour discovery has it, and the checksum right.
fn check_header(packet: &Packet, from: Ipv6Addr, to: Ipv6Addr) {
    let length = (packet.len() - HEADER) as u8;
    assert_eq!(packet[..8], [0x60, 0, 0, 0, 0, length, 58, 255]);
    assert_eq!(packet[8..24], from.octets());
    assert_eq!(packet[24..40], to.octets());
    let pseudo = [&packet[8..40], &[0, 0, 0, length, 0, 0, 0, 58]].concat();
    let all = [&pseudo, &packet[40..]].concat();
    let sum: u64 = all
        .chunks(2)
        .map(|word| u64::from(word[0]) * 256 + u64::from(word[1]))
        .sum();
    assert_eq!(sum % 0xffff, 0);
}

fn check_message(packet: &Packet, kind: u8, flags: u8, option: u8, link: LinkAddr) {
    let option = [&[option, 1], &link[..]].concat();
    check_options(packet, kind, flags, &option);
}

fn check_options(packet: &Packet, kind: u8, flags: u8, options: &[u8]) {
    assert_eq!((packet[40], packet[41]), (kind, 0));
    assert_eq!(packet[44..48], [flags, 0, 0, 0]);
    assert_eq!(packet[48..64], GROUP.octets());
    assert_eq!(&packet[64..], options);
}

#[test]
fn all_are_asked_by_the_solicited_node_group() {
    let (packet, to) = ask_all(&FROM, &GROUP);
    check_header(&packet, FROM.addr, "ff02::1:ff12:3456".parse().unwrap());
    check_message(&packet, 135, 0, 1, FROM.link);
    assert_eq!(to, [0x33, 0x33, 0xff, 0x12, 0x34, 0x56]);
}

#[test]
fn the_peer_is_asked_alone() {
    let (packet, to) = ask(&FROM, &GROUP, &PEER);
    check_header(&packet, FROM.addr, GROUP);
    check_message(&packet, 135, 0, 1, FROM.link);
    assert_eq!(to, PEER.link);
}

/// Whatever the sum is: some sums carry twice.
#[test]
fn every_sum_has_its_checksum() {
    for word in 0..=u16::MAX {
        let [high, low] = word.to_be_bytes();
        let link = [2, 0, 0, 0, high, low];
        let (packet, _) = ask(&Sender { link, ..FROM }, &GROUP, &PEER);
        check_header(&packet, FROM.addr, GROUP);
    }
}

#[test]
fn all_nodes_are_told_of_the_peer() {
    for router in [false, true] {
        let (packet, to) = announce(&FROM, &GROUP, &Peer { router, ..PEER });
        check_header(&packet, FROM.addr, "ff02::1".parse().unwrap());
        check_message(&packet, 136, if router { 0xa0 } else { 0x20 }, 2, PEER.link);
        assert_eq!(to, [0x33, 0x33, 0, 0, 0, 1]);
    }
}

const HAS: [u8; 8] = [2, 1, 2, 0, 0, 0, 0, 1];
const RESTS: [u8; 8] = [1, 1, 2, 0, 0, 0, 0, 1];

/// What one member tells the others, and the options that say so.
fn words(router: bool) -> [(Word, Vec<u8>); 3] {
    let from = Sender { router, ..FROM };
    [
        (Word::Beat(from.peer()), HAS.to_vec()),
        (Word::Rest(FROM.link), [HAS, RESTS].concat()),
        (Word::Goodbye(FROM.link), RESTS.to_vec()),
    ]
}

/// To the solicited-node group, without any flag but that of a router.
#[test]
fn members_tell_each_other() {
    for router in [false, true] {
        for (told, options) in words(router) {
            let (packet, to) = tell(&Sender { router, ..FROM }, &GROUP, &told);
            check_header(&packet, FROM.addr, "ff02::1:ff12:3456".parse().unwrap());
            check_options(&packet, 136, if router { 0x80 } else { 0 }, &options);
            assert_eq!(to, [0x33, 0x33, 0xff, 0x12, 0x34, 0x56]);
            let header = packet[..HEADER].try_into().unwrap();
            assert_eq!(word(header, &packet[HEADER..]), Some((GROUP, told)));
            assert_eq!(answer(header, &packet[HEADER..]), None);
        }
    }
}

/// A beat in which these bytes are other ones.
fn spoilt(at: usize, bytes: &[u8]) -> Option<(Ipv6Addr, Word)> {
    let (packet, _) = tell(&FROM, &GROUP, &Word::Beat(FROM.peer()));
    let mut packet = packet.to_vec();
    packet[at..at + bytes.len()].copy_from_slice(bytes);
    word(packet[..HEADER].try_into().unwrap(), &packet[HEADER..])
}

#[test]
fn what_is_no_word_of_a_member() {
    let all_nodes: Ipv6Addr = "ff02::1".parse().unwrap();
    assert!(spoilt(0, &[]).is_some());
    // Forwarded; from elsewhere; to others.
    assert_eq!(spoilt(7, &[254]), None);
    assert_eq!(spoilt(8, &GROUP.octets()), None);
    assert_eq!(spoilt(8, &[0; 16]), None);
    assert_eq!(spoilt(24, &all_nodes.octets()), None);
    assert_eq!(spoilt(24, &FROM.addr.octets()), None);
    // Another type, code, target, or flag; options that are not valid.
    assert_eq!(spoilt(40, &[135]), None);
    assert_eq!(spoilt(41, &[1]), None);
    assert_eq!(spoilt(63, &[0]), None);
    assert_eq!(spoilt(44, &[0x20]), None);
    assert_eq!(spoilt(44, &[0x40]), None);
    assert_eq!(spoilt(64, &[14]), None);
    assert_eq!(spoilt(65, &[2]), None);
    assert_eq!(spoilt(65, &[0]), None);
    // Two link-layer addresses.
    let (packet, _) = tell(&FROM, &GROUP, &Word::Rest(FROM.link));
    let mut packet = packet.to_vec();
    packet[79] ^= 1;
    assert_eq!(
        word(packet[..HEADER].try_into().unwrap(), &packet[HEADER..]),
        None
    );
}

/// An advertisement to the host, of the group.
fn advertisement(flags: u8, options: &[u8]) -> ([u8; HEADER], Vec<u8>) {
    let mut header = [0; HEADER];
    header[7] = 255;
    header[24..].copy_from_slice(&FROM.addr.octets());
    let mut message = vec![ADVERTISEMENT, 0, 0, 0, flags, 0, 0, 0];
    message.extend(GROUP.octets());
    message.extend(options);
    (header, message)
}

const LINK: [u8; 8] = [2, 1, 2, 0, 0, 0, 0, 3];
const NONCE: [u8; 8] = [14, 1, 0, 0, 0, 0, 0, 0];

fn check_answer(flags: u8, options: &[&[u8]], expected: Option<(Option<LinkAddr>, bool)>) {
    let (header, message) = advertisement(flags, &options.concat());
    let expected = expected.map(|(link, router)| (GROUP, Answer { link, router }));
    assert_eq!(
        answer(&header, &message),
        expected,
        "{flags:#x} {options:?}"
    );
}

#[test]
fn answers() {
    let link = Some(PEER.link);
    check_answer(0x40, &[], Some((None, false)));
    check_answer(0x60, &[&LINK], Some((link, false)));
    check_answer(0xc0, &[&NONCE, &LINK], Some((link, true)));
    check_answer(0x40, &[&NONCE], Some((None, false)));
    // Unsolicited, and options that are not valid.
    check_answer(0xa0, &[&LINK], None);
    check_answer(0x40, &[&[2, 0, 0, 0, 0, 0, 0, 0]], None);
    check_answer(0x40, &[&[2, 2, 2, 0, 0, 0, 0, 3]], None);
    check_answer(0x40, &[&NONCE, &LINK[..6]], None);
    check_answer(0x40, &[&[[2, 2, 2, 0, 0, 0, 0, 3], [0; 8]].concat()], None);
}

#[test]
fn what_is_no_answer() {
    let (header, message) = advertisement(0x60, &LINK);
    let spoil = |at: usize, value: u8| {
        let mut header = header;
        header[at] = value;
        answer(&header, &message)
    };
    // Forwarded, and to a group.
    assert_eq!(spoil(7, 254), None);
    assert_eq!(spoil(24, 0xff), None);
    for (at, value) in [(0, 135), (1, 1)] {
        let mut message = message.clone();
        message[at] = value;
        assert_eq!(answer(&header, &message), None);
    }
    for length in 0..24 {
        assert_eq!(answer(&header, &message[..length]), None);
    }
}

proptest! {
    #![proptest_config(config())]

    /// Whatever comes.
    #[test]
    fn no_message_is_too_much(
        header in prop::collection::vec(any::<u8>(), HEADER),
        flags: u8,
        options in prop::collection::vec(any::<u8>(), 0..104),
        bytes in prop::collection::vec(any::<u8>(), 0..128),
    ) {
        let header: [u8; HEADER] = header.try_into().unwrap();
        let _ = (answer(&header, &bytes), word(&header, &bytes));
        let (header, message) = advertisement(flags, &options);
        if let Some((target, _)) = answer(&header, &message) {
            prop_assert_eq!(target, GROUP);
            prop_assert!(flags & 0x40 != 0);
        }
    }
}
