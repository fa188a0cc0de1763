// SPDX-License-Identifier: GPL-2.0

//! What programs, an administrator and a neighbour do to the host.

use crate::pool::ARGUMENT;
use serde::{Deserialize, Serialize};
use std::net::Ipv6Addr;

/// A place for a socket.
pub type Slot = usize;

/// How many there are.
pub const SLOTS: Slot = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Opens a socket in the slot; what was there is closed.
    Open(Slot, Kind),
    Close(Slot),
    Join(Slot, Argument),
    /// Joins again and again, until that is refused.
    Fill(Slot, Argument),
    Leave(Slot, Argument),
    /// Asks for the value of `IPV6_JOIN_ANYCAST`.
    Get(Slot),
    /// To a port of the slot's own, with a scope.
    Bind(Slot, Ipv6Addr, i32),
    Listen(Slot),
    /// `IPV6_ADDRFORM`, of a datagram socket after connecting it to an IPv4 address.
    Convert(Slot),
    /// Takes or drops `CAP_NET_ADMIN`.
    Privilege(bool),
    /// Becomes this user, and keeps the privilege.
    User(User),
    /// Of a group on a device, by the netlink family of the module.
    Order(Order, Ipv6Addr, i32),
    Policy(u8),
    MaxGroups(u32),
    /// Of one device, or of all.
    Forward(Option<Device>, bool),
    Up(Device, bool),
    /// The sysctl `disable_ipv6`, inverted; a device that gets IPv6 again gets an address, too.
    Ipv6(Device, bool),
    /// An MTU that is too small for IPv6, or not.
    Small(Device, bool),
    AddAddress(Device, Ipv6Addr),
    DeleteAddress(Device, Ipv6Addr),
    /// The second device comes or goes.
    Presence(bool),
    Packet(Packet),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Udp,
    Tcp,
    Icmp,
    /// Of `AF_INET`.
    Udp4,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum User {
    Root,
    Other,
}

/// What the host is to do for a group. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    Suspend,
    Resume,
    Drain(u32),
    Lease(u32),
}

/// The arguments of a join or a leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    pub address: Ipv6Addr,
    pub index: i32,
    pub length: i32,
    pub pointer: Pointer,
}

impl Argument {
    pub fn good(address: Ipv6Addr, index: i32) -> Self {
        Self {
            address,
            index,
            length: ARGUMENT as i32,
            pointer: Pointer::Good,
        }
    }
}

/// Where the argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pointer {
    /// The argument ends where the page ends.
    Good,
    Null,
    /// In the first page, which nobody has.
    Low,
    /// In the kernel's half of the address space.
    Kernel,
    /// In neither half.
    NonCanonical,
    /// So many bytes of the argument are there, the rest is in a page that cannot be read.
    Cut(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Device {
    /// The one behind which there is a neighbour.
    Tap,
    Second,
}

/// A packet for an address, from a neighbour behind the tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    pub form: Form,
    pub address: Ipv6Addr,
    /// One octet of the packet is another one.
    pub damage: Option<(u8, u8)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A solicitation, to the solicited-node group.
    Solicitation,
    /// A solicitation to the address itself.
    UnicastSolicitation,
    /// A solicitation as duplicate address detection sends it.
    Probe,
    /// Somebody else claims the address.
    Advertisement,
    Echo,
    Datagram,
    /// A SYN to the port of this slot.
    Syn(Slot),
}
