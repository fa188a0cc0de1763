// SPDX-License-Identifier: GPL-2.0

//! The kinds of holders, as callers of a join or leave.

use crate::{
    store::membership,
    sys::{
        inet6_dev::Inet6Dev,
        memory::{
            CHARGED,
            CHARGED_OR_NONE, //
        },
        module_name::ModuleName,
        sock::Sock, //
    },
};
use kernel::alloc::Flags;

/// The caller of a join or leave.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// addrconf, for an address of this device. Under RTNL.
    Addrconf(&'a Inet6Dev),
    /// This module, a caller inside the kernel.
    Caller(&'a ModuleName),
    /// A socket, by this membership.
    Socket(&'a Sock, membership::Identity),
}

impl By<'_> {
    /// The allocation flags for the memory of the hold, which decide to whom it is charged.
    pub(crate) fn memory(&self) -> Flags {
        match self {
            Self::Addrconf(_) => CHARGED,
            Self::Caller(_) | Self::Socket(..) => CHARGED_OR_NONE,
        }
    }
}
