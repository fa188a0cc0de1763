// SPDX-License-Identifier: GPL-2.0

//! Counts the memberships that each user has joined without `CAP_NET_ADMIN` in the initial user
//! namespace, over all network namespaces and sockets.
//!
//! Memberships taken over from C are not counted. Process context.

use crate::sys::{
    memory::CHARGED_OR_NONE,
    settings,
    user::User, //
};
use kernel::{
    prelude::*,
    rbtree::{
        Entry,
        RBTree,
        RBTreeNodeReservation, //
    },
};

kernel::sync::global_lock! {
    /// The number of memberships of each user. No lock is taken and no memory allocated under this
    /// one.
    // SAFETY: Initialised by `takeover`, before anything else of the module runs.
    pub(crate) unsafe(uninit) static USERS: Mutex<Option<RBTree<User, u32>>> = None;
}

/// One of a user's memberships, counted until it is dropped. With [`None`] it is not counted.
///
/// # Invariants
///
/// It is counted in [`USERS`].
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Share(Option<User>);

impl Share {
    /// Counts one more membership of the user accountable for the current task. Fails with
    /// `ENOBUFS` at the limit (`net.ipv6.anycast6.max_user_memberships`), or with `ENOMEM`.
    pub(crate) fn take() -> Result<Self> {
        let user = User::accountable();
        if let Some(user) = user {
            count(user)?;
        }
        // INVARIANT: It has just been counted.
        Ok(Self(user))
    }
}

fn count(user: User) -> Result {
    let room = RBTreeNodeReservation::new(CHARGED_OR_NONE)?;
    let most = settings::max_user_memberships();
    let mut users = USERS.lock();
    match users.get_or_insert_with(RBTree::new).entry(user) {
        Entry::Occupied(mut count) if *count.get() < most => *count.get_mut() += 1,
        Entry::Vacant(place) if most > 0 => {
            place.insert(1, room);
        }
        _ => return Err(ENOBUFS),
    }
    Ok(())
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(user) = self.0 else {
            return;
        };
        let mut users = USERS.lock();
        let Some(mut count) = users.as_mut().and_then(|users| users.find_mut(&user)) else {
            return;
        };
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}
