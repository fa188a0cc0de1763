// SPDX-License-Identifier: GPL-2.0

//! The messages of neighbour discovery (RFC 4861, sections 4.3 and 4.4) by which members of a group
//! find each other and are announced, on Ethernet: packets as bytes.

use super::{
    addr::solicited_node,
    handover::{
        Answer,
        LinkAddr,
        Peer, //
    },
};
use core::net::Ipv6Addr;

/// The length of an IPv6 header.
pub(crate) const HEADER: usize = 40;
/// The length of a solicitation or an advertisement without options.
const MESSAGE: usize = 24;
/// The length of an option with an Ethernet address.
const OPTION: usize = 8;
/// The length of a packet with such a message and such an option.
pub(crate) const PACKET: usize = HEADER + MESSAGE + OPTION;

pub(crate) type Packet = [u8; PACKET];

const ICMPV6: u8 = 58;
/// Who forwards a packet lowers it, so this came from the link.
const HOP_LIMIT: u8 = 255;

const SOLICITATION: u8 = 135;
/// The ICMPv6 type of an advertisement.
pub(crate) const ADVERTISEMENT: u8 = 136;

const SOURCE_LINK: u8 = 1;
const TARGET_LINK: u8 = 2;

const ROUTER: u8 = 0x80;
const SOLICITED: u8 = 0x40;
const OVERRIDE: u8 = 0x20;

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// The sender's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) addr: Ipv6Addr,
    pub(crate) link: LinkAddr,
}

/// Asks all who have `target`. Returns the packet and its link-layer destination.
pub(crate) fn ask_all(from: &Sender, target: &Ipv6Addr) -> (Packet, LinkAddr) {
    let to = solicited_node(target);
    let message = solicitation(target, &from.link);
    (packet(&from.addr, &to, &message), group_link(&to))
}

/// Asks `peer` alone whether it has `target`, as for neighbour unreachability detection.
pub(crate) fn ask(from: &Sender, target: &Ipv6Addr, peer: &Peer) -> (Packet, LinkAddr) {
    let message = solicitation(target, &from.link);
    (packet(&from.addr, target, &message), peer.link)
}

/// Tells all neighbours that `peer` has `target`: unsolicited, with the override flag.
pub(crate) fn announce(from: &Sender, target: &Ipv6Addr, peer: &Peer) -> (Packet, LinkAddr) {
    let flags = OVERRIDE | if peer.router { ROUTER } else { 0 };
    let message = message(ADVERTISEMENT, flags, target, TARGET_LINK, &peer.link);
    (
        packet(&from.addr, &ALL_NODES, &message),
        group_link(&ALL_NODES),
    )
}

/// The target of a solicited advertisement, and what it says. [`None`] for anything else.
///
/// `message` may be cut off within the options; its checksum is correct.
pub(crate) fn answer(header: &[u8; HEADER], message: &[u8]) -> Option<(Ipv6Addr, Answer)> {
    let (message, options) = message.split_first_chunk::<MESSAGE>()?;
    let multicast = header[24] == 0xff;
    let valid = header[7] == HOP_LIMIT && message[..2] == [ADVERTISEMENT, 0];
    if !valid || multicast || message[4] & SOLICITED == 0 {
        return None;
    }
    let answer = Answer {
        link: link_of(options)?,
        router: message[4] & ROUTER != 0,
    };
    Some((target_of(message), answer))
}

fn target_of(message: &[u8; MESSAGE]) -> Ipv6Addr {
    let mut target = [0; 16];
    target.copy_from_slice(&message[8..]);
    target.into()
}

/// The target link-layer address among the options. [`None`] if the options are not valid.
fn link_of(mut options: &[u8]) -> Option<Option<LinkAddr>> {
    while let [kind, length, ..] = *options {
        let length = usize::from(length) * 8;
        let option = options.get(..length).filter(|option| !option.is_empty())?;
        if kind == TARGET_LINK {
            return option[2..].try_into().ok().map(Some);
        }
        options = &options[length..];
    }
    Some(None)
}

fn solicitation(target: &Ipv6Addr, link: &LinkAddr) -> [u8; MESSAGE + OPTION] {
    message(SOLICITATION, 0, target, SOURCE_LINK, link)
}

/// A message without checksum.
fn message(
    kind: u8,
    flags: u8,
    target: &Ipv6Addr,
    option: u8,
    link: &LinkAddr,
) -> [u8; MESSAGE + OPTION] {
    let mut message = [0; MESSAGE + OPTION];
    message[0] = kind;
    message[4] = flags;
    message[8..24].copy_from_slice(&target.octets());
    message[24] = option;
    message[25] = 1;
    message[26..].copy_from_slice(link);
    message
}

fn packet(from: &Ipv6Addr, to: &Ipv6Addr, message: &[u8; MESSAGE + OPTION]) -> Packet {
    let mut packet = [0; PACKET];
    packet[0] = 6 << 4;
    packet[5] = (MESSAGE + OPTION) as u8;
    packet[6] = ICMPV6;
    packet[7] = HOP_LIMIT;
    packet[8..24].copy_from_slice(&from.octets());
    packet[24..40].copy_from_slice(&to.octets());
    packet[HEADER..].copy_from_slice(message);
    let checksum = checksum(&packet);
    packet[HEADER + 2..HEADER + 4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The checksum of a packet in which it is zero (RFC 8200, section 8.1): the addresses, the length
/// and the protocol count, too.
fn checksum(packet: &Packet) -> u16 {
    let words = packet[8..].chunks_exact(2);
    let words = words.map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum: u32 = words.sum();
    let sum = sum + u32::from(packet[5]) + u32::from(packet[6]);
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !(folded as u16)
}

/// The Ethernet address of a multicast group (RFC 2464, section 7).
fn group_link(group: &Ipv6Addr) -> LinkAddr {
    let [.., a, b, c, d] = group.octets();
    [0x33, 0x33, a, b, c, d]
}
