// SPDX-License-Identifier: GPL-2.0

//! Links and addresses by rtnetlink, and what other families need of netlink.

use crate::{
    pool::{PREFIX_LENGTH, TENTATIVE},
    system::{checked, socket},
};
use std::{
    ffi::{c_int, c_void},
    net::Ipv6Addr,
    os::fd::{AsRawFd, OwnedFd},
};

const RTMGRP_IPV6_IFADDR: u32 = 0x100;
pub const HEADER: usize = 16;
const IFA_F_NODAD: u8 = 0x02;
/// Milliseconds until something that must come has not come.
const LIMIT: c_int = 20_000;

/// Asks the kernel, and hears of new addresses.
pub struct Netlink {
    requests: OwnedFd,
    events: OwnedFd,
}

impl Netlink {
    pub fn new() -> Result<Self, i32> {
        Ok(Self {
            requests: open(libc::NETLINK_ROUTE, 0)?,
            events: open(libc::NETLINK_ROUTE, RTMGRP_IPV6_IFADDR)?,
        })
    }

    pub fn set_up(&self, index: i32, up: bool) -> Result<(), i32> {
        let mask = libc::IFF_UP as u32;
        let flags = if up { mask } else { 0 };
        self.request(libc::RTM_NEWLINK, 0, &link(index, flags, mask))
    }

    pub fn set_mtu(&self, index: i32, mtu: u32) -> Result<(), i32> {
        let mtu = attribute(libc::IFLA_MTU, &mtu.to_ne_bytes());
        let body = [link(index, 0, 0), mtu].concat();
        self.request(libc::RTM_NEWLINK, 0, &body)
    }

    pub fn set_hardware_address(&self, index: i32, address: &[u8; 6]) -> Result<(), i32> {
        let address = attribute(libc::IFLA_ADDRESS, address);
        let body = [link(index, 0, 0), address].concat();
        self.request(libc::RTM_NEWLINK, 0, &body)
    }

    /// Returns when the address is in use, or as far on its way to that as it ever comes.
    pub fn add_address(&self, index: i32, addr: Ipv6Addr, length: u8) -> Result<(), i32> {
        while receive(&self.events, 0)?.is_some() {}
        let tentative = TENTATIVE.parse() == Ok(addr);
        let flags = if tentative { 0 } else { IFA_F_NODAD };
        let body = own_address(index, addr, length, flags);
        let create = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
        self.request(libc::RTM_NEWADDR, create, &body)?;
        // Address, index, flags and what else there is at the same places of the message.
        let expected = &own_address(index, addr, length, 0)[4..8];
        loop {
            let message = receive(&self.events, LIMIT)?.ok_or(libc::ETIMEDOUT)?;
            let is_new = message[4..6] == libc::RTM_NEWADDR.to_ne_bytes();
            let carries = message.windows(16).any(|part| part == addr.octets());
            if is_new && message[HEADER + 4..HEADER + 8] == *expected && carries {
                return Ok(());
            }
        }
    }

    pub fn delete_address(&self, index: i32, addr: Ipv6Addr) -> Result<(), i32> {
        let body = own_address(index, addr, PREFIX_LENGTH, 0);
        self.request(libc::RTM_DELADDR, 0, &body)
    }

    fn request(&self, kind: u16, flags: c_int, body: &[u8]) -> Result<(), i32> {
        request(&self.requests, kind, flags, body)
    }
}

/// Asks for something, and waits until that is done.
pub fn request(fd: &OwnedFd, kind: u16, flags: c_int, body: &[u8]) -> Result<(), i32> {
    send(fd, kind, flags | libc::NLM_F_ACK, body)?;
    let answer = answer(fd)?;
    let error = answer[HEADER..HEADER + 4].try_into().expect("a number");
    match i32::from_ne_bytes(error) {
        0 => Ok(()),
        error => Err(-error),
    }
}

pub fn send(fd: &OwnedFd, kind: u16, flags: c_int, body: &[u8]) -> Result<(), i32> {
    let flags = (flags | libc::NLM_F_REQUEST) as u16;
    let mut message = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]); // number and port
    message.extend(body);
    // SAFETY: The message is there, and of that length.
    let sent = unsafe {
        libc::send(
            fd.as_raw_fd(),
            message.as_ptr().cast::<c_void>(),
            message.len(),
            0,
        )
    };
    checked(sent as c_int).map(drop)
}

/// The next message, or more of them in one piece.
pub fn answer(fd: &OwnedFd) -> Result<Vec<u8>, i32> {
    receive(fd, LIMIT)?.ok_or(libc::ETIMEDOUT)
}

pub fn open(protocol: c_int, groups: u32) -> Result<OwnedFd, i32> {
    let fd = socket(libc::AF_NETLINK, libc::SOCK_RAW, protocol)?;
    // SAFETY: All zeroes is a valid address of this kind, and the address is there during the call.
    unsafe {
        let mut address: libc::sockaddr_nl = std::mem::zeroed();
        address.nl_family = libc::AF_NETLINK as u16;
        address.nl_groups = groups;
        let length = size_of_val(&address) as libc::socklen_t;
        checked(libc::bind(
            fd.as_raw_fd(),
            (&raw const address).cast(),
            length,
        ))?;
    }
    Ok(fd)
}

/// The next message, [`None`] when there is none within so many milliseconds.
fn receive(fd: &OwnedFd, limit: c_int) -> Result<Option<Vec<u8>>, i32> {
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: The array has one element.
    if checked(unsafe { libc::poll(&mut poll, 1, limit) })? == 0 {
        return Ok(None);
    }
    let mut message = vec![0; 8192];
    // SAFETY: There is room for so many octets.
    let length = unsafe {
        libc::recv(
            fd.as_raw_fd(),
            message.as_mut_ptr().cast::<c_void>(),
            message.len(),
            0,
        )
    };
    match checked(length as c_int) {
        Ok(length) => message.truncate(length as usize),
        // Events were lost that nobody waits for.
        Err(libc::ENOBUFS) => message.truncate(HEADER),
        Err(error) => return Err(error),
    }
    Ok(Some(message))
}

/// `struct ifinfomsg`
fn link(index: i32, flags: u32, change: u32) -> Vec<u8> {
    let fields = [
        index.to_ne_bytes(),
        flags.to_ne_bytes(),
        change.to_ne_bytes(),
    ];
    [&[0; 4], fields.as_flattened()].concat()
}

/// `struct ifaddrmsg`, and the address.
fn own_address(index: i32, addr: Ipv6Addr, length: u8, flags: u8) -> Vec<u8> {
    let mut message = vec![libc::AF_INET6 as u8, length, flags, 0];
    message.extend(index.to_ne_bytes());
    message.extend(attribute(libc::IFA_ADDRESS, &addr.octets()));
    message
}

pub fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut attribute = ((4 + value.len()) as u16).to_ne_bytes().to_vec();
    attribute.extend(kind.to_ne_bytes());
    attribute.extend(value);
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    attribute
}
