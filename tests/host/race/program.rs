// SPDX-License-Identifier: GPL-2.0

//! Who keeps the groups.

use super::c;
use crate::{
    fake::world::{at_once, step, with, Flaw, GROUP},
    group::{self, By},
    store::membership::Identity,
    sys::{inet6_dev::Inet6Dev, net_device::NetDevice, rtnl::Rtnl, sock::Sock},
};

/// The implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    C,
    Module,
    /// The same while there are no side tables.
    Transition,
    /// With a piece left out.
    Flawed(Flaw),
}

impl Program {
    /// Are there side tables?
    pub(crate) fn has_tables(self) -> bool {
        !matches!(
            self,
            Self::C | Self::Transition | Self::Flawed(Flaw::NoTablesLock)
        )
    }

    /// `ipv6_sock_ac_join()`, `entry::setsockopt::join()`
    pub(crate) fn join(self, socket: usize) {
        let Some(idev) = NetDevice::nth(0).ipv6() else {
            return;
        };
        let joined = match self {
            Self::C => c::join(&idev),
            _ => group::join(&idev, &GROUP, by(socket)).is_ok(),
        };
        if joined {
            with(|world| world.members[socket] = true);
        }
    }

    /// `ipv6_sock_ac_drop()`, `entry::setsockopt::leave()`
    pub(crate) fn leave(self, socket: usize) {
        if !at_once("forgets its membership", |world| world.forget(socket)) {
            return;
        }
        if step("finds the device", |world| world.unregistered) {
            return;
        }
        let device = NetDevice::nth(0);
        match self {
            Self::C => {
                if let Some(idev) = device.ipv6() {
                    c::leave(&idev);
                }
            }
            // A device without groups has none to leave.
            _ => drop(group::leave(device, &GROUP, by(socket))),
        }
    }

    /// `ipv6_ac_destroy_dev()`
    pub(crate) fn ipv6_gone(self, idev: &Inet6Dev) {
        match self {
            Self::C => c::destroy(idev),
            _ => group::ipv6_gone(idev, Rtnl::held()),
        }
    }
}

fn by(socket: usize) -> By<'static> {
    By::Socket(Sock::nth(socket), Identity(socket + 1))
}
