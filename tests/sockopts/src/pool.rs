// SPDX-License-Identifier: GPL-2.0

//! The network and the addresses that actions choose from.

use crate::action::{Device, User};
use std::net::Ipv6Addr;

/// Charged to a socket for a membership, and what it may be charged in all (`net.core.optmem_max`).
pub const MEMBERSHIP: usize = 32;
pub const OPTION_MEMORY: usize = 1024;

/// `struct ipv6_mreq`.
pub const ARGUMENT: usize = 20;

pub const LO: i32 = 1;
pub const ABSENT: i32 = 4711;

/// The port of the socket in a slot.
pub fn port(slot: usize) -> u16 {
    5000 + slot as u16
}

impl User {
    pub fn uid(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Other => 4711,
        }
    }
}

impl Device {
    pub const ALL: [Self; 2] = [Self::Tap, Self::Second];

    pub fn index(self) -> i32 {
        match self {
            Self::Tap => 11,
            Self::Second => 12,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Tap => "tap",
            Self::Second => "second",
        }
    }

    /// What the device has at the beginning, and may lose and get again.
    pub fn addresses(self) -> &'static [&'static str] {
        match self {
            Self::Tap => &["2001:db8:1::1", "fe80::1", TENTATIVE],
            Self::Second => &["2001:db8:2::1"],
        }
    }

    /// Addresses that it may get besides; programs join them, too.
    pub fn more_addresses(self) -> &'static [&'static str] {
        match self {
            Self::Tap => &["2001:db8:1::2", "2001:db8:1::a"],
            Self::Second => &["2001:db8:2::a"],
        }
    }

    /// Nobody joins it; with a prefix of its own length.
    pub fn wake(self) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, 0xee, 0, 0, 0, 0, self.index() as u16)
    }
}

pub const PREFIX_LENGTH: u8 = 64;

/// Duplicate address detection never ends for this one.
pub const TENTATIVE: &str = "2001:db8:1::7e";

/// Addresses to join.
pub const ADDRESSES: &[&str] = &[
    "2001:db8:1::a",
    "2001:db8:1::b",
    "2001:db8:1:0:fdff:ffff:ffff:fffe",
    "fe80::a",
    "fe80::fdff:ffff:ffff:fffe",
    "2001:db8:2::a",
    "2001:db8:2:0:fdff:ffff:ffff:ff80",
    "2001:db8:2:0:fdff:ffff:ffff:ff7f",
    // Subnet-router anycasts
    "2001:db8:1::",
    "2001:db8:2::",
    "fe80::",
    "2001:db8:9::a",
    // The host's own, now and then
    "2001:db8:1::1",
    "2001:db8:1::2",
    "2001:db8:2::1",
    "fe80::1",
    TENTATIVE,
    // No anycast addresses
    "ff02::1",
    "ff0e::1",
    "::",
    "::1",
    "::ffff:192.0.2.1",
    "::ffff:127.0.0.1",
];

pub const INDEXES: &[i32] = &[0, LO, 11, 12, ABSENT, -1, i32::MIN];

pub const LENGTHS: &[i32] = &[i32::MIN, -1, 0, 3, 4, 19, 20, 21, 4016, i32::MAX];

/// Of drains and leases, in milliseconds: none that is over before the program is.
pub const TIMES: &[u32] = &[0, 36_000_000, u32::MAX];

pub fn address(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}
