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
    heartbeat::Word,
};
use core::{
    net::Ipv6Addr,
    ops::Deref, //
};

/// The length of an IPv6 header.
pub(crate) const HEADER: usize = 40;
/// The length of a solicitation or an advertisement without options.
const MESSAGE: usize = 24;
/// The length of an option with an Ethernet address.
const OPTION: usize = 8;
/// The length of the longest packet: with such a message and two such options.
const LONGEST: usize = HEADER + MESSAGE + 2 * OPTION;

/// A packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Deref for Packet {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

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

/// The sender: its addresses, and whether it is a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) addr: Ipv6Addr,
    pub(crate) link: LinkAddr,
    pub(crate) router: bool,
}

impl Sender {
    /// What others know it as.
    pub(crate) fn peer(&self) -> Peer {
        Peer {
            link: self.link,
            router: self.router,
        }
    }
}

/// Asks all who have `target`. Returns the packet and its link-layer destination.
pub(crate) fn ask_all(from: &Sender, target: &Ipv6Addr) -> (Packet, LinkAddr) {
    let to = solicited_node(target);
    let options = [(SOURCE_LINK, from.link)];
    let packet = packet(&from.addr, &to, (SOLICITATION, 0), target, &options);
    (packet, group_link(&to))
}

/// Asks `peer` alone whether it has `target`, as for neighbour unreachability detection.
pub(crate) fn ask(from: &Sender, target: &Ipv6Addr, peer: &Peer) -> (Packet, LinkAddr) {
    let options = [(SOURCE_LINK, from.link)];
    let packet = packet(&from.addr, target, (SOLICITATION, 0), target, &options);
    (packet, peer.link)
}

/// Tells all neighbours that `peer` has `target`: unsolicited, with the override flag.
pub(crate) fn announce(from: &Sender, target: &Ipv6Addr, peer: &Peer) -> (Packet, LinkAddr) {
    let kind = (ADVERTISEMENT, OVERRIDE | router(peer.router));
    let options = [(TARGET_LINK, peer.link)];
    let packet = packet(&from.addr, &ALL_NODES, kind, target, &options);
    (packet, group_link(&ALL_NODES))
}

/// Tells the members of `target` about the sender: unsolicited, to the solicited-node group, where
/// clients do not listen, and without the override flag.
///
/// The target link-layer address says that the sender has `target`, the source link-layer address
/// that it sends no more beats. Neighbours ignore the latter (RFC 4861, section 7.1.2), and an
/// advertisement without the former does not change what they know (section 7.2.5).
pub(crate) fn tell(from: &Sender, target: &Ipv6Addr, word: &Word) -> (Packet, LinkAddr) {
    let to = solicited_node(target);
    let kind = (ADVERTISEMENT, router(from.router));
    let (has, rests) = ((TARGET_LINK, from.link), (SOURCE_LINK, from.link));
    let packet = match word {
        Word::Beat(_) => packet(&from.addr, &to, kind, target, &[has]),
        Word::Rest(_) => packet(&from.addr, &to, kind, target, &[has, rests]),
        Word::Goodbye(_) => packet(&from.addr, &to, kind, target, &[rests]),
    };
    (packet, group_link(&to))
}

fn router(router: bool) -> u8 {
    if router {
        ROUTER
    } else {
        0
    }
}

/// The target of a solicited advertisement, and what it says. [`None`] for anything else.
///
/// `message` may be cut off within the options; its checksum is correct.
pub(crate) fn answer(header: &[u8; HEADER], message: &[u8]) -> Option<(Ipv6Addr, Answer)> {
    let (message, options) = advertisement(header, message)?;
    let multicast = header[24] == 0xff;
    if multicast || message[4] & SOLICITED == 0 {
        return None;
    }
    let answer = Answer {
        link: link_of(options, TARGET_LINK)?,
        router: message[4] & ROUTER != 0,
    };
    Some((target_of(message), answer))
}

/// The target of what [`tell()`] makes, and what it says. [`None`] for anything else.
///
/// `message` may be cut off within the options; its checksum is correct.
pub(crate) fn word(header: &[u8; HEADER], message: &[u8]) -> Option<(Ipv6Addr, Word)> {
    let (message, options) = advertisement(header, message)?;
    let target = target_of(message);
    let from_link = addr_of(&header[8..]).is_unicast_link_local();
    let to_members = addr_of(&header[24..]) == solicited_node(&target);
    if !from_link || !to_members || message[4] & (SOLICITED | OVERRIDE) != 0 {
        return None;
    }
    let router = message[4] & ROUTER != 0;
    let word = match (
        link_of(options, TARGET_LINK)?,
        link_of(options, SOURCE_LINK)?,
    ) {
        (Some(link), None) => Word::Beat(Peer { link, router }),
        (Some(link), Some(same)) if link == same => Word::Rest(link),
        (None, Some(link)) => Word::Goodbye(link),
        _ => return None,
    };
    Some((target, word))
}

/// An advertisement that comes from the link, and its options.
fn advertisement<'a>(
    header: &[u8; HEADER],
    message: &'a [u8],
) -> Option<(&'a [u8; MESSAGE], &'a [u8])> {
    let valid = header[7] == HOP_LIMIT && message.starts_with(&[ADVERTISEMENT, 0]);
    message.split_first_chunk().filter(|_| valid)
}

fn target_of(message: &[u8; MESSAGE]) -> Ipv6Addr {
    addr_of(&message[8..])
}

fn addr_of(bytes: &[u8]) -> Ipv6Addr {
    let mut addr = [0; 16];
    addr.copy_from_slice(&bytes[..16]);
    addr.into()
}

/// The first link-layer address of this kind among the options. [`None`] if the options before it are
/// not valid.
fn link_of(mut options: &[u8], wanted: u8) -> Option<Option<LinkAddr>> {
    while let [kind, length, ..] = *options {
        let length = usize::from(length) * 8;
        let option = options.get(..length).filter(|option| !option.is_empty())?;
        if kind == wanted {
            return option[2..].try_into().ok().map(Some);
        }
        options = &options[length..];
    }
    Some(None)
}

/// A packet with a message about `target`, of this type and with these flags, and with link-layer
/// addresses as options.
fn packet(
    from: &Ipv6Addr,
    to: &Ipv6Addr,
    (kind, flags): (u8, u8),
    target: &Ipv6Addr,
    options: &[(u8, LinkAddr)],
) -> Packet {
    let mut bytes = [0; LONGEST];
    let len = MESSAGE + options.len() * OPTION;
    bytes[0] = 6 << 4;
    bytes[5] = len as u8;
    bytes[6] = ICMPV6;
    bytes[7] = HOP_LIMIT;
    bytes[8..24].copy_from_slice(&from.octets());
    bytes[24..40].copy_from_slice(&to.octets());
    bytes[HEADER] = kind;
    bytes[HEADER + 4] = flags;
    bytes[HEADER + 8..HEADER + MESSAGE].copy_from_slice(&target.octets());
    for (place, (kind, link)) in bytes[HEADER + MESSAGE..]
        .chunks_exact_mut(OPTION)
        .zip(options)
    {
        (place[0], place[1]) = (*kind, 1);
        place[2..].copy_from_slice(link);
    }
    let checksum = checksum(&bytes);
    bytes[HEADER + 2..HEADER + 4].copy_from_slice(&checksum.to_be_bytes());
    Packet {
        bytes,
        len: HEADER + len,
    }
}

/// The checksum of a packet in which it is zero (RFC 8200, section 8.1): the addresses, the length and
/// the protocol count, too. Behind the packet there are zeroes.
fn checksum(packet: &[u8; LONGEST]) -> u16 {
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
