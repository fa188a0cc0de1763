// SPDX-License-Identifier: GPL-2.0

//! A socket's membership, and the one that a leave means.

use core::net::Ipv6Addr;

/// What a socket remembers of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The device joined on, never zero.
    pub(crate) ifindex: i32,
    /// The anycast address.
    pub(crate) addr: Ipv6Addr,
}

/// The arguments of a leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeaveRequest {
    /// The device to leave on; zero means any.
    pub(crate) ifindex: i32,
    /// The anycast address.
    pub(crate) addr: Ipv6Addr,
}

impl LeaveRequest {
    /// Does the request mean this membership? The first that matches is left, the youngest join
    /// first.
    pub(crate) fn matches(&self, membership: &Membership) -> bool {
        (self.ifindex == 0 || self.ifindex == membership.ifindex) && self.addr == membership.addr
    }
}
