// SPDX-License-Identifier: GPL-2.0

//! What users have asked the host to do for a group, and may ask for.

use super::{groups::Group, Model};
use crate::action::{Order, User};
use std::net::Ipv6Addr;

/// No drain and no lease is over before the program is.
#[derive(Default)]
pub struct Service {
    wish: Option<(Wish, Asker)>,
    lease: Option<Asker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Drain,
    Suspend,
}

/// Who has asked.
#[derive(Clone, Copy)]
struct Asker {
    user: User,
    privileged: bool,
    held: bool,
}

impl Asker {
    /// May this one change what `other` has asked for?
    fn overrides(&self, other: Option<Asker>) -> Result<(), i32> {
        match other {
            Some(other) if other.privileged && !self.privileged && other.user != self.user => {
                Err(libc::EPERM)
            }
            _ => Ok(()),
        }
    }
}

impl Service {
    pub fn suspended(&self) -> bool {
        matches!(self.wish, Some((Wish::Suspend, _)))
    }

    pub fn draining(&self) -> bool {
        matches!(self.wish, Some((Wish::Drain, _)))
    }

    /// Somebody has joined, or addrconf has.
    pub fn joined(&mut self, by: Option<User>) {
        self.keep(|asker| asker.privileged || by == Some(asker.user));
    }

    /// Somebody has left; these users have not.
    pub fn left(&mut self, holders: &[User]) {
        self.keep(|asker| !asker.held || holders.contains(&asker.user));
    }

    fn keep(&mut self, stands: impl Fn(Asker) -> bool) {
        self.wish = self.wish.filter(|&(_, asker)| stands(asker));
        self.lease = self.lease.filter(|&asker| stands(asker));
    }

    fn order(&mut self, order: Order, asker: Asker) -> Result<(), i32> {
        let wish = match order {
            Order::Lease(time) => {
                asker.overrides(self.lease)?;
                self.lease = (time > 0).then_some(asker);
                return Ok(());
            }
            Order::Drain(0) => return Err(libc::EINVAL),
            Order::Drain(_) if self.suspended() => return Err(libc::EINVAL),
            Order::Drain(_) => Some(Wish::Drain),
            Order::Suspend => Some(Wish::Suspend),
            Order::Resume => None,
        };
        asker.overrides(self.wish.map(|(_, asker)| asker))?;
        self.wish = wish.map(|wish| (wish, asker));
        Ok(())
    }
}

impl Model {
    pub(super) fn order(&mut self, order: Order, addr: Ipv6Addr, index: i32) -> Result<(), i32> {
        if !self.rules.control {
            return Err(libc::ENOENT);
        }
        if index <= 0 {
            return Err(libc::ERANGE);
        }
        let device = self.device(index).ok_or(libc::ENODEV)?.identity;
        let group = self.group(device, addr).ok_or(libc::ENOENT)?;
        let asker = Asker {
            user: self.user,
            privileged: self.privileged,
            held: group.users.contains(&self.user),
        };
        if !asker.privileged && !group.is_only(self.user) {
            return Err(libc::EPERM);
        }
        self.entry(device, addr).service.order(order, asker)?;
        self.tidy();
        Ok(())
    }
}

impl Group {
    fn is_only(&self, user: User) -> bool {
        self.addrconf == 0 && self.users.iter().all(|&holder| holder == user)
    }
}
