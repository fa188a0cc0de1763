// SPDX-License-Identifier: GPL-2.0

//! The holders of a group.
//!
//! The kernel counts them all in one number (`aca_users`). Here each kind has its own count, so
//! that no holder can drop the hold of another kind.

use super::users::{
    Full,
    Users, //
};

/// A kind of holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// addrconf, for the subnet-router anycast of a prefix.
    Addrconf {
        /// The number of addresses on the device that need the group now.
        needed: u32,
    },
    /// A caller inside the kernel.
    Caller,
    /// A socket, with a membership that is known to be on this device.
    Socket {
        /// Joined with `CAP_NET_ADMIN`, not by the admission policy.
        privileged: bool,
    },
    /// A socket or a caller whose hold has no known origin: from before the takeover, or on a
    /// device that no longer exists.
    Stranger,
}

/// A holder tried to drop a hold that it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotHeld;

/// The holds on a group, by kind of holder.
///
/// # Invariants
///
/// The sum is at most [`Users::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holders {
    addrconf: u32,
    /// Taken over from C: sockets and callers, without distinction.
    adopted: u32,
    callers: u32,
    sockets: u32,
    /// Sockets that joined without privilege.
    unprivileged: u32,
}

impl Holders {
    /// The holders of a group that C or the transition counted: addrconf has one hold for each
    /// address that needs the group, the rest belongs to others.
    pub(crate) fn adopt(users: Users, needed: u32) -> Self {
        let users = users.as_raw().unsigned_abs();
        let addrconf = needed.min(users);
        // INVARIANT: The sum is what the kernel counted.
        Self {
            addrconf,
            adopted: users - addrconf,
            ..Self::default()
        }
    }

    /// The number that the kernel keeps; [`None`] without holders.
    pub(crate) fn users(&self) -> Option<Users> {
        Users::new(self.sum())
    }

    /// The holds of addrconf.
    pub(crate) fn addrconf(&self) -> u32 {
        self.addrconf
    }

    /// The holds taken over from C, except addrconf's.
    pub(crate) fn adopted(&self) -> u32 {
        self.adopted
    }

    /// Whether the group has holders other than addrconf.
    pub(crate) fn beyond_addrconf(&self) -> bool {
        self.sum() > self.addrconf
    }

    /// Whether all holders are sockets that are known.
    pub(crate) fn sockets_only(&self) -> bool {
        self.sum() == self.sockets + self.unprivileged
    }

    /// Whether a holder may keep the administrator from adding the address as unicast.
    ///
    /// Kernel callers and privileged sockets may, and holders that joined through C, which requires
    /// privilege from all.
    pub(crate) fn privileged(&self) -> bool {
        self.adopted > 0 || self.callers > 0 || self.sockets > 0
    }

    /// Adds a hold.
    pub(crate) fn join(self, holder: Holder) -> Result<Self, Full> {
        if self.sum() == Users::MAX {
            return Err(Full);
        }
        let mut holders = self;
        // INVARIANT: One of the numbers grows by at most one, and the sum was below the limit.
        match holder {
            // An address may join twice (optimistic DAD), but needs the group once.
            Holder::Addrconf { needed } => {
                holders.addrconf = (holders.addrconf + 1).min(needed.max(1));
            }
            Holder::Caller => holders.callers += 1,
            Holder::Socket { privileged: true } => holders.sockets += 1,
            Holder::Socket { privileged: false } => holders.unprivileged += 1,
            Holder::Stranger => holders.adopted += 1,
        }
        Ok(holders)
    }

    /// Removes a hold.
    ///
    /// addrconf leaves also for addresses that never joined (tentative ones). So count the
    /// addresses that need the group, not the leaves.
    pub(crate) fn leave(self, holder: Holder) -> Result<Self, NotHeld> {
        let mut holders = self;
        let count = match holder {
            Holder::Addrconf { needed } if needed < holders.addrconf => {
                holders.addrconf = needed;
                return Ok(holders);
            }
            Holder::Addrconf { .. } => return Err(NotHeld),
            Holder::Caller => &mut holders.callers,
            Holder::Socket { privileged: true } => &mut holders.sockets,
            Holder::Socket { privileged: false } => &mut holders.unprivileged,
            Holder::Stranger => &mut holders.adopted,
        };
        *count = count.checked_sub(1).ok_or(NotHeld)?;
        Ok(holders)
    }

    /// Without addrconf's holds: IPv6 has left the device, and the addresses with it.
    pub(crate) fn without_addrconf(self) -> Self {
        Self {
            addrconf: 0,
            ..self
        }
    }

    fn sum(&self) -> u32 {
        // By the invariant, this cannot overflow.
        self.addrconf + self.adopted + self.callers + self.sockets + self.unprivileged
    }
}
