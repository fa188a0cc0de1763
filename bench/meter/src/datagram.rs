// SPDX-License-Identifier: GPL-2.0

//! IPv6 datagram sockets, which hold groups.

use crate::syscall::value;
use std::{
    io,
    mem::size_of_val,
    net::Ipv6Addr,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

/// A socket.
pub struct Datagram(OwnedFd);

/// To join a group, or to leave it.
#[derive(Clone, Copy)]
#[repr(i32)]
pub enum Change {
    Join = libc::IPV6_JOIN_ANYCAST,
    Leave = libc::IPV6_LEAVE_ANYCAST,
}

impl Datagram {
    pub fn open() -> io::Result<Self> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
        // SAFETY: The call takes no memory.
        let fd = value(unsafe { libc::socket(libc::AF_INET6, kind, 0) })? as i32;
        // SAFETY: The descriptor is new, and nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn change(&self, change: Change, request: &libc::ipv6_mreq) -> io::Result<()> {
        let (option, length) = (change as i32, size_of_val(request) as u32);
        // SAFETY: The request is read during the call, and has that length.
        value(unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                libc::IPPROTO_IPV6,
                option,
                (&raw const *request).cast(),
                length,
            )
        })?;
        Ok(())
    }

    pub fn bind(&self, address: &libc::sockaddr_in6) -> io::Result<()> {
        let length = size_of_val(address) as u32;
        // SAFETY: The address is read during the call, and has that length.
        value(unsafe { libc::bind(self.0.as_raw_fd(), (&raw const *address).cast(), length) })?;
        Ok(())
    }
}

/// What names a group on a device.
pub fn request(address: Ipv6Addr, ifindex: u32) -> libc::ipv6_mreq {
    libc::ipv6_mreq {
        ipv6mr_multiaddr: in6(address),
        ipv6mr_interface: ifindex,
    }
}

/// The address, with no port chosen.
pub fn any_port(address: Ipv6Addr) -> libc::sockaddr_in6 {
    libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as u16,
        sin6_port: 0,
        sin6_flowinfo: 0,
        sin6_addr: in6(address),
        sin6_scope_id: 0,
    }
}

fn in6(address: Ipv6Addr) -> libc::in6_addr {
    libc::in6_addr {
        s6_addr: address.octets(),
    }
}
