// SPDX-License-Identifier: GPL-2.0

//! Frames of a neighbour.

use crate::{
    action::{Form, Packet},
    pool::port,
};
use std::net::Ipv6Addr;

pub const HOST: [u8; 6] = [2, 0, 0, 0, 0, 1];
const NEIGHBOUR: [u8; 6] = [2, 0, 0, 0, 0, 0x99];
const NEIGHBOURS_ADDRESS: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0x99);

const ETHERNET: usize = 14;
const HEADERS: usize = ETHERNET + 40;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
const ADVERTISEMENT: u8 = 136;

/// What goes to the host.
pub fn build(packet: &Packet) -> Vec<u8> {
    let address = packet.address;
    let (protocol, mut message) = message(packet.form, address);
    let source = match packet.form {
        Form::Probe => Ipv6Addr::UNSPECIFIED,
        _ => NEIGHBOURS_ADDRESS,
    };
    let destination = match packet.form {
        Form::Solicitation | Form::Probe => solicited_node(address),
        Form::Advertisement => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1),
        _ => address,
    };
    let mut damage = packet
        .damage
        .map(|(place, value)| (usize::from(place), value));
    if let Some((place, value)) = damage.filter(|&(place, _)| place >= HEADERS) {
        // Behind the headers the checksum fits what is there, or all that is seen is that it does not.
        if let Some(octet) = message.get_mut(place - HEADERS) {
            *octet = value;
        }
        damage = None;
    }
    put_checksum(source, destination, protocol, &mut message);

    let mut frame = hardware_address(destination).to_vec();
    frame.extend(NEIGHBOUR);
    frame.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
    frame.extend((message.len() as u16).to_be_bytes());
    frame.extend([protocol, 255]);
    frame.extend(source.octets());
    frame.extend(destination.octets());
    frame.extend(message);
    if let Some((place, value)) = damage {
        frame[place] = value;
    }
    frame
}

/// The target of the advertisement in a frame, [`None`] for anything else.
pub fn advertised(frame: &[u8]) -> Option<Ipv6Addr> {
    let message = frame.get(HEADERS..)?;
    let target: [u8; 16] = message.get(8..24)?.try_into().ok()?;
    (frame[ETHERNET + 6] == ICMPV6 && message[0] == ADVERTISEMENT).then(|| target.into())
}

fn message(form: Form, address: Ipv6Addr) -> (u8, Vec<u8>) {
    match form {
        Form::Solicitation | Form::UnicastSolicitation => {
            (ICMPV6, discovery(135, 0, address, Some(1)))
        }
        Form::Probe => (ICMPV6, discovery(135, 0, address, None)),
        // Override, and unasked for.
        Form::Advertisement => (ICMPV6, discovery(ADVERTISEMENT, 0x20, address, Some(2))),
        Form::Echo => (ICMPV6, vec![128, 0, 0, 0, 0, 1, 0, 1]),
        Form::Datagram => (UDP, vec![0x10, 0, 0, 7, 0, 12, 0, 0, 1, 2, 3, 4]),
        Form::Syn(slot) => {
            let [high, low] = port(slot).to_be_bytes();
            let mut segment = vec![0x20, 1, high, low, 0, 0, 0, 1, 0, 0, 0, 0];
            segment.extend([0x50, 2, 0x10, 0, 0, 0, 0, 0]);
            (TCP, segment)
        }
    }
}

/// A solicitation or an advertisement, with a link-layer option of that kind.
fn discovery(kind: u8, flags: u8, target: Ipv6Addr, option: Option<u8>) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0, flags, 0, 0, 0];
    message.extend(target.octets());
    if let Some(option) = option {
        message.extend([option, 1]);
        message.extend(NEIGHBOUR);
    }
    message
}

fn solicited_node(addr: Ipv6Addr) -> Ipv6Addr {
    let base = u128::from(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 0));
    (base | u128::from(addr) & 0xff_ffff).into()
}

fn hardware_address(addr: Ipv6Addr) -> [u8; 6] {
    let octets = addr.octets();
    match addr.is_multicast() {
        true => [0x33, 0x33, octets[12], octets[13], octets[14], octets[15]],
        false => HOST,
    }
}

fn put_checksum(source: Ipv6Addr, destination: Ipv6Addr, protocol: u8, message: &mut [u8]) {
    let place = match protocol {
        ICMPV6 => 2,
        UDP => 6,
        _ => 16,
    };
    message[place..place + 2].fill(0);
    let mut all = [source.octets(), destination.octets()].concat();
    all.extend((message.len() as u32).to_be_bytes());
    all.extend([0, 0, 0, protocol]);
    all.extend(&*message);
    let words = all.chunks(2).map(|pair| {
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([pair[0], low]))
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = !(sum as u16);
    message[place..place + 2].copy_from_slice(&sum.to_be_bytes());
}
