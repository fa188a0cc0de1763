// SPDX-License-Identifier: GPL-2.0

//! A socket's membership, and how a leave selects one.

use core::net::Ipv6Addr;

/// A socket's record of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The ifindex of the device, never zero.
    pub(crate) ifindex: i32,
    /// The anycast address.
    pub(crate) addr: Ipv6Addr,
}

/// The arguments of a leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeaveRequest {
    /// The ifindex of the device; zero matches any.
    pub(crate) ifindex: i32,
    /// The anycast address.
    pub(crate) addr: Ipv6Addr,
}

impl LeaveRequest {
    /// Whether the request matches this membership. The first match is left, the newest join first.
    pub(crate) fn matches(&self, membership: &Membership) -> bool {
        (self.ifindex == 0 || self.ifindex == membership.ifindex) && self.addr == membership.addr
    }
}
