// SPDX-License-Identifier: GPL-2.0

//! RTM_GETANYCAST: all groups of the network namespace, by netlink.

use crate::syscall::value;
use std::{
    io,
    mem::{size_of, size_of_val},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

#[repr(C)]
struct Request {
    header: libc::nlmsghdr,
    family: u8,
    padding: [u8; 7],
}

/// A netlink socket.
pub struct Netlink(OwnedFd);

impl Netlink {
    pub fn open() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: The call takes no memory.
        let fd = value(unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) })?;
        // SAFETY: The descriptor is new, and nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
    }

    /// Counts the groups.
    pub fn groups(&self, buffer: &mut [u8]) -> io::Result<u64> {
        self.ask()?;
        let mut groups = 0;
        loop {
            let length = self.receive(buffer)?;
            let mut rest = &buffer[..length];
            while let Some((size, kind)) = header(rest) {
                match i32::from(kind) {
                    libc::NLMSG_DONE => return Ok(groups),
                    libc::NLMSG_ERROR => return Err(io::Error::other("the dump was refused")),
                    _ => groups += 1,
                }
                rest = &rest[size.next_multiple_of(4).min(rest.len())..];
            }
        }
    }

    fn ask(&self) -> io::Result<()> {
        let request = Request {
            header: libc::nlmsghdr {
                nlmsg_len: size_of::<Request>() as u32,
                nlmsg_type: libc::RTM_GETANYCAST,
                nlmsg_flags: (libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16,
                nlmsg_seq: 0,
                nlmsg_pid: 0,
            },
            family: libc::AF_INET6 as u8,
            padding: [0; 7],
        };
        let (fd, length) = (self.0.as_raw_fd(), size_of_val(&request));
        // SAFETY: The request is read during the call, and has that length.
        value(unsafe { libc::send(fd, (&raw const request).cast(), length, 0) } as i64)?;
        Ok(())
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let (fd, length) = (self.0.as_raw_fd(), buffer.len());
        // SAFETY: The buffer is the caller's, and has that length.
        value(unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), length, 0) } as i64)
    }
}

/// Length and type of the first message.
fn header(messages: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(messages.get(..4)?.try_into().ok()?);
    let kind = u16::from_ne_bytes(messages.get(4..6)?.try_into().ok()?);
    Some((length.max(1) as usize, kind))
}
