// SPDX-License-Identifier: GPL-2.0

//! The unicast addresses of a device, and the subnet-router anycast of their prefixes (RFC 4291,
//! section 2.6.1). addrconf joins that for each address of a router.

use core::net::Ipv6Addr;

/// The shortest prefix of inter-router links, which need all addresses for the routers (RFC 6164).
const POINT_TO_POINT: u32 = 127;

/// The properties of a unicast address that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unicast {
    /// The address.
    pub(crate) addr: Ipv6Addr,
    /// The length of its prefix in bits.
    pub(crate) prefix_len: u32,
    /// Duplicate address detection has not finished (`IFA_F_TENTATIVE`), and the address is not in
    /// use meanwhile (no `IFA_F_OPTIMISTIC`).
    pub(crate) tentative: bool,
    /// It is being deleted (`INET6_IFADDR_STATE_DEAD`), or has no route because its link is down.
    pub(crate) gone: bool,
}

impl Unicast {
    /// Whether a router with this address answers for `group`.
    pub(crate) fn needs(&self, group: &Ipv6Addr) -> bool {
        !self.tentative && !self.gone && self.subnet_router().as_ref() == Some(group)
    }

    /// Whether `addr` is on the prefix of this address.
    pub(crate) fn covers(&self, addr: &Ipv6Addr) -> bool {
        (u128::from(self.addr) ^ u128::from(*addr)) & self.mask() == 0
    }

    /// The subnet-router anycast of the address's prefix: all bits after the prefix are zero.
    /// [`None`] where the prefix has none.
    fn subnet_router(&self) -> Option<Ipv6Addr> {
        if self.prefix_len >= POINT_TO_POINT {
            return None;
        }
        let anycast = Ipv6Addr::from(u128::from(self.addr) & self.mask());
        (!anycast.is_unspecified()).then_some(anycast)
    }

    /// The bits of the prefix.
    fn mask(&self) -> u128 {
        !u128::MAX.checked_shr(self.prefix_len).unwrap_or(0)
    }
}
