// SPDX-License-Identifier: GPL-2.0

//! Joins, leaves and closes of sockets.
//!
//! Process context. The socket lock is held or the socket is being closed, as [`Memberships`]
//! proves. RTNL is not held.

use crate::{
    decide::{
        admission::{
            self,
            Refusal, //
        },
        membership::{
            LeaveRequest,
            Membership, //
        },
    },
    group::{
        self,
        By, //
    },
    publish::observe,
    store::membership::{
        MembershipBox,
        Memberships, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// `setsockopt(IPV6_JOIN_ANYCAST)`. With an `ifindex` of zero the host chooses the device.
///
/// A second join of the same group is a second membership. Fails as [`Refusal`] says, with `ENOMEM`
/// when the socket may not charge more memory, or as [`group::join()`] does. Nothing has changed
/// then.
pub(crate) fn join(memberships: &mut Memberships<'_>, ifindex: i32, addr: Ipv6Addr) -> Result {
    let net = memberships.sock().net();
    admit(memberships, ifindex, addr).inspect_err(|&err| observe::refused(net, ifindex, &addr, err))
}

fn admit(memberships: &mut Memberships<'_>, ifindex: i32, addr: Ipv6Addr) -> Result {
    let sock = memberships.sock();
    let screened = admission::screen(sock.net(), ifindex, addr)?;
    let mut membership = MembershipBox::new(sock)?;
    let idev = admission::place(sock.net(), screened)?;
    membership.set(&Membership {
        ifindex: idev.device().ifindex(),
        addr,
    });

    group::join(&idev, &addr, By::Socket(sock, membership.identity()))?;
    memberships.push(membership);
    Ok(())
}

/// `setsockopt(IPV6_LEAVE_ANYCAST)`. An `ifindex` of zero matches the newest membership of `addr`.
///
/// Fails with `ENOENT` when the socket has no such membership, or with `ENODEV` when the device of
/// the membership no longer exists; the socket has lost the membership then as well.
pub(crate) fn leave(memberships: &mut Memberships<'_>, ifindex: i32, addr: Ipv6Addr) -> Result {
    let request = LeaveRequest { ifindex, addr };
    let membership = memberships
        .remove_first(|membership| request.matches(membership))
        .ok_or(ENOENT)?;
    give_up(membership)
}

/// The last close of a socket, or its conversion to IPv4 (`IPV6_ADDRFORM`).
pub(crate) fn close(memberships: &mut Memberships<'_>) {
    while let Some(membership) = memberships.pop() {
        let _ = give_up(membership);
    }
}

/// Leaves the group of a membership that is off the socket's list.
///
/// Fails with `ENODEV` when the group has gone with its device, even if another device has the
/// index now.
fn give_up(membership: MembershipBox<'_>) -> Result {
    let Membership { ifindex, addr } = membership.get();
    let sock = membership.sock();
    let device = sock.net().device(ifindex).ok_or(ENODEV)?;
    group::leave(&device, &addr, By::Socket(sock, membership.identity())).map_err(|_| ENODEV)
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotPermitted => EPERM,
            Refusal::Unsuitable | Refusal::OwnAddress => EINVAL,
            Refusal::NoDevice => ENODEV,
            Refusal::NotAvailable => EADDRNOTAVAIL,
        }
    }
}
