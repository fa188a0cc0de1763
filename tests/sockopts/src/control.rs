// SPDX-License-Identifier: GPL-2.0

//! Orders by the generic netlink family of the module (include/anycast6.yaml).

use crate::{
    action::Order,
    netlink::{answer, attribute, open, request, send, HEADER},
};
use std::net::Ipv6Addr;

const CONTROLLER: u16 = 0x10;
const GETFAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
const GENERIC_HEADER: usize = 4;

const NAME: &[u8] = b"anycast6\0";
const IFINDEX: u16 = 1;
const ADDRESS: u16 = 3;
const TIME: u16 = 10;

/// The family; [`None`] when there is none, with built-in C.
pub struct Control(Option<u16>);

impl Control {
    /// Looks among all families. Who asks for one by its name makes the kernel load a module.
    pub fn new() -> Result<Self, i32> {
        let fd = open(libc::NETLINK_GENERIC, 0)?;
        send(&fd, CONTROLLER, libc::NLM_F_DUMP, &header(GETFAMILY))?;
        let mut found = None;
        loop {
            for message in pieces(&answer(&fd)?, read_message) {
                match message.0 {
                    kind if i32::from(kind) == libc::NLMSG_DONE => return Ok(Self(found)),
                    CONTROLLER => found = found.or(number(message.1)),
                    _ => return Err(libc::EBADMSG),
                }
            }
        }
    }

    /// By a socket of its own: who opened it counts, too.
    pub fn order(&self, order: Order, addr: Ipv6Addr, index: i32) -> Result<(), i32> {
        let family = self.0.ok_or(libc::ENOENT)?;
        let (command, time) = match order {
            Order::Suspend => (6, None),
            Order::Resume => (7, None),
            Order::Drain(time) => (8, Some(time)),
            Order::Lease(time) => (9, Some(time)),
        };
        let mut body = header(command).to_vec();
        body.extend(attribute(IFINDEX, &index.to_ne_bytes()));
        body.extend(attribute(ADDRESS, &addr.octets()));
        if let Some(time) = time {
            body.extend(attribute(TIME, &time.to_ne_bytes()));
        }
        let fd = open(libc::NETLINK_GENERIC, 0)?;
        request(&fd, family, 0, &body)
    }
}

/// `struct genlmsghdr`
fn header(command: u8) -> [u8; GENERIC_HEADER] {
    [command, 1, 0, 0]
}

/// The number of the family that a message of the controller is about, if it is ours.
fn number(message: &[u8]) -> Option<u16> {
    let attributes: Vec<_> = pieces(message.get(GENERIC_HEADER..)?, read_attribute).collect();
    let value = |kind| {
        let found = attributes.iter().find(|attribute| attribute.0 == kind);
        found.map(|attribute| attribute.1)
    };
    let id = value(FAMILY_ID)?.try_into().ok()?;
    (value(FAMILY_NAME)? == NAME).then(|| u16::from_ne_bytes(id))
}

/// Its kind, its content and its length.
type Piece<'a> = (u16, &'a [u8], usize);

fn pieces<'a>(
    mut octets: &'a [u8],
    read: fn(&'a [u8]) -> Option<Piece<'a>>,
) -> impl Iterator<Item = (u16, &'a [u8])> {
    std::iter::from_fn(move || {
        let (kind, content, length) = read(octets)?;
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, content))
    })
}

fn read_message(octets: &[u8]) -> Option<Piece<'_>> {
    let length = u32::from_ne_bytes(octets.get(..4)?.try_into().ok()?) as usize;
    let kind = u16::from_ne_bytes(octets.get(4..6)?.try_into().ok()?);
    Some((kind, octets.get(HEADER..length)?, length))
}

fn read_attribute(octets: &[u8]) -> Option<Piece<'_>> {
    let length = u16::from_ne_bytes(octets.get(..2)?.try_into().ok()?).into();
    let kind = u16::from_ne_bytes(octets.get(2..4)?.try_into().ok()?);
    Some((kind, octets.get(4..length)?, length))
}
