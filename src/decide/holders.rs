// SPDX-License-Identifier: GPL-2.0

//! Who holds a group.
//!
//! The kernel has one number for all (`aca_users`). Kept apart, no holder can give back what is
//! another's.

use super::users::{
    Full,
    Users, //
};

/// Somebody who takes or gives back a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// addrconf, for the subnet-router anycast of a prefix.
    Addrconf {
        /// The addresses on the device, as they are now, that need the group.
        needed: u32,
    },
    /// A caller inside the kernel.
    Caller,
    /// A socket, by a membership that is known to be of this device.
    Socket {
        /// It was joined with `CAP_NET_ADMIN`, not because the policy allows it to all.
        privileged: bool,
    },
    /// A socket or a caller, by a hold of unknown origin: taken before the takeover, or on a device that
    /// is no more.
    Stranger,
}

/// A holder gave back what it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotHeld;

/// The holds on a group, by holder.
///
/// # Invariants
///
/// The sum is at most [`Users::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holders {
    addrconf: u32,
    /// Taken over from C: sockets and callers, nobody knows which.
    adopted: u32,
    callers: u32,
    sockets: u32,
    /// Of sockets, too, but joined without privilege.
    unprivileged: u32,
}

impl Holders {
    /// The holders of a group that C or the transition counted: addrconf has as many holds as
    /// addresses need it, the rest are others'.
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

    /// The number that the kernel keeps; [`None`] when nobody holds the group.
    pub(crate) fn users(&self) -> Option<Users> {
        Users::new(self.sum())
    }

    /// The holds of addrconf.
    pub(crate) fn addrconf(&self) -> u32 {
        self.addrconf
    }

    /// The holds that were taken over from C, but for addrconf's.
    pub(crate) fn adopted(&self) -> u32 {
        self.adopted
    }

    /// Is the group a program's or a caller's, not just addrconf's own?
    pub(crate) fn beyond_addrconf(&self) -> bool {
        self.sum() > self.addrconf
    }

    /// Does anybody hold the group who may keep the administrator from numbering the host with it?
    ///
    /// So do callers inside the kernel, and who joined by C, which asks all for privilege.
    pub(crate) fn privileged(&self) -> bool {
        self.adopted > 0 || self.callers > 0 || self.sockets > 0
    }

    /// One hold more.
    pub(crate) fn join(self, holder: Holder) -> Result<Self, Full> {
        if self.sum() == Users::MAX {
            return Err(Full);
        }
        let mut holders = self;
        // INVARIANT: One of the numbers grows by at most one, and the sum was below the limit.
        match holder {
            // An address may announce itself twice (optimistic DAD), but needs the group once.
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

    /// One hold fewer.
    ///
    /// addrconf gives back for addresses that never joined, too (tentative ones). So what it says
    /// does not count, but what its addresses need.
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

    /// IPv6 has left the device, and the addresses with it.
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
