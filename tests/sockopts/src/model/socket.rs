// SPDX-License-Identifier: GPL-2.0

//! Sockets and their memberships.

use super::device::Identity;
use crate::{
    action::{Kind, User},
    pool::{MEMBERSHIP, OPTION_MEMORY},
};
use std::net::Ipv6Addr;

pub struct Socket {
    pub kind: Kind,
    pub bound: bool,
    /// The device that a bind named.
    pub device: i32,
    /// The youngest is the last one.
    pub memberships: Vec<Membership>,
}

#[derive(Clone, Copy, Debug)]
pub struct Membership {
    pub addr: Ipv6Addr,
    pub index: i32,
    pub identity: Identity,
    /// Who has joined.
    pub user: User,
}

impl Socket {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            bound: false,
            device: 0,
            memberships: Vec::new(),
        }
    }

    /// Has nobody tried to bind it?
    pub fn is_fresh(&self) -> bool {
        !self.bound && self.device == 0
    }

    /// May the socket be charged for one more membership?
    pub fn has_room(&self) -> bool {
        (self.memberships.len() + 1) * MEMBERSHIP < OPTION_MEMORY
    }

    /// Takes the membership that a leave means.
    pub fn take(&mut self, index: i32, addr: Ipv6Addr) -> Option<Membership> {
        let meant = |one: &Membership| (index == 0 || one.index == index) && one.addr == addr;
        let position = self.memberships.iter().rposition(meant)?;
        Some(self.memberships.remove(position))
    }
}
