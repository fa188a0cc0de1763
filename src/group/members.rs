// SPDX-License-Identifier: GPL-2.0

//! The holders of a group by name: sockets by their memberships, callers by their modules.
//!
//! Holds from before the takeover, or on a device that no longer exists, are not here. Process
//! context, under the publish lock of the device.

use super::{
    by::By,
    member::{
        Member,
        Who, //
    },
};
use crate::{
    decide::holders::Holder,
    store::membership,
    sys::{
        module_name::ModuleName,
        net_device::NetDevice, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    fmt,
    prelude::*,
    rbtree::{
        Entry,
        RBTree,
        RBTreeNode,
        RBTreeNodeReservation, //
    },
    task::Kuid, //
};

/// The holders of a group.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Members {
    members: RBTree<membership::Identity, Member>,
    /// The number of holds of each module.
    callers: RBTree<ModuleName, u32>,
}

/// The memory for one more holder.
pub(crate) enum Reservation {
    /// addrconf, which has no entry.
    Addrconf,
    /// A socket, the kind of its hold, and the user who joins.
    Member(RBTreeNode<membership::Identity, Member>, Holder, Kuid),
    /// A module.
    Caller(ModuleName, RBTreeNodeReservation<ModuleName, u32>),
}

impl Reservation {
    /// Reserves an entry for `by`, which is about to join `addr` on `device`. Fails with `ENOMEM`,
    /// or with `ENOBUFS` when the user has reached the limit of memberships.
    pub(crate) fn new(device: &NetDevice, addr: &Ipv6Addr, by: By<'_>) -> Result<Self> {
        Ok(match by {
            By::Addrconf(_) => Self::Addrconf,
            By::Socket(sock, identity) => {
                let member = Member::new(sock, device, addr)?;
                let (holder, user) = (member.holder(), member.user());
                let node = RBTreeNode::new(identity, member, by.memory())?;
                Self::Member(node, holder, user)
            }
            By::Caller(module) => Self::Caller(*module, RBTreeNodeReservation::new(by.memory())?),
        })
    }

    /// The user who joins, if it is one.
    pub(crate) fn user(&self) -> Option<Kuid> {
        match self {
            Self::Member(.., user) => Some(*user),
            Self::Addrconf | Self::Caller(..) => None,
        }
    }
}

impl Members {
    /// No holders.
    pub(crate) fn new() -> Self {
        Self {
            members: RBTree::new(),
            callers: RBTree::new(),
        }
    }

    /// Whether one of the sockets is this user's.
    pub(crate) fn has(&self, user: Kuid) -> bool {
        self.members.values().any(|member| member.user() == user)
    }

    /// Whether all of the sockets are this user's.
    pub(crate) fn are_all(&self, user: Kuid) -> bool {
        self.members.values().all(|member| member.user() == user)
    }

    /// Enters a new holder.
    pub(crate) fn enter(&mut self, form: Reservation) {
        match form {
            Reservation::Addrconf => (),
            Reservation::Member(node, ..) => {
                let _ = self.members.insert(node);
            }
            Reservation::Caller(module, reservation) => match self.callers.entry(module) {
                Entry::Occupied(mut count) => *count.get_mut() += 1,
                Entry::Vacant(place) => {
                    place.insert(1, reservation);
                }
            },
        }
    }

    /// Removes a socket's membership. Returns the kind of hold that it was.
    pub(crate) fn strike_member(&mut self, identity: &membership::Identity) -> Holder {
        match self.members.remove(identity) {
            Some(member) => member.holder(),
            None => Holder::Stranger,
        }
    }

    /// Removes one hold of a module. Returns the kind of hold that it was.
    pub(crate) fn strike_caller(&mut self, module: &ModuleName) -> Holder {
        let entry = self.entry_of(module);
        let Some(mut count) = entry.and_then(|module| self.callers.find_mut(&module)) else {
            return Holder::Stranger;
        };
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
        Holder::Caller
    }

    /// The name under which a module's hold is entered: its own, or the kernel's if the module
    /// could not be identified when it joined. A caller that cannot be identified now matches any
    /// module.
    fn entry_of(&self, module: &ModuleName) -> Option<ModuleName> {
        let kernel = ModuleName::VMLINUX;
        let known = [*module, kernel]
            .into_iter()
            .find(|name| self.callers.get(name).is_some());
        known.or_else(|| {
            self.callers
                .keys()
                .next()
                .filter(|_| *module == kernel)
                .copied()
        })
    }

    /// The holder by hold number `nth` of `module`, or the first one after it.
    pub(crate) fn caller_from(&self, module: &ModuleName, nth: u32) -> Option<(Turn, Shown)> {
        let here = self.callers.cursor_lower_bound(module);
        let found = here.as_ref().and_then(|here| match here.current() {
            (name, &count) if name == module && nth < count => Some((*name, nth)),
            (name, _) if name == module => here.peek_next().map(|(name, _)| (*name, 0)),
            (name, _) => Some((*name, 0)),
        });
        match found {
            Some((name, nth)) => Some((Turn::Caller(name, nth), Shown::Caller(name))),
            None => self.member_from(&membership::Identity::FIRST),
        }
    }

    /// The holder by the membership `identity`, or the first one after it.
    pub(crate) fn member_from(&self, identity: &membership::Identity) -> Option<(Turn, Shown)> {
        let here = self.members.cursor_lower_bound(identity)?;
        let (&identity, member) = here.current();
        Some((Turn::Member(identity), Shown::Member(member.who())))
    }
}

/// A position among the holders of a group, in this order: modules by name and number of the hold,
/// sockets by membership.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    /// addrconf.
    Addrconf,
    /// Holders taken over from C.
    Adopted,
    /// A module.
    Caller(ModuleName, u32),
    /// A socket.
    Member(membership::Identity),
}

impl Turn {
    /// The next position.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Addrconf => Self::Adopted,
            Self::Adopted => Self::Caller(ModuleName::FIRST, 0),
            Self::Caller(module, nth) => Self::Caller(module, nth + 1),
            Self::Member(identity) => Self::Member(identity.next()),
        }
    }
}

/// A holder as shown to users.
pub(crate) enum Shown {
    /// addrconf, with the number of its addresses.
    Addrconf(u32),
    /// The number of holders taken over from C.
    Adopted(u32),
    /// A module.
    Caller(ModuleName),
    /// A socket.
    Member(Who),
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addrconf(count) => write!(f, "addrconf {count}"),
            Self::Adopted(count) => write!(f, "adopted {count}"),
            Self::Caller(module) => f.write_fmt(fmt!("module {module}")),
            Self::Member(who) => fmt::Display::fmt(who, f),
        }
    }
}
