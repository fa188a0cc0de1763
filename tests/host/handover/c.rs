// SPDX-License-Identifier: GPL-2.0

//! net/ipv6/anycast.c, and `src/group/transition.rs`, which does nearly the same: one number of users, on the list
//! alone.

use super::{
    flaw::Flaw,
    kernel::{Kernel, Reference},
};
use crate::decide::users::{self, Entry, Join, Leave};
use std::rc::Rc;

/// `__ipv6_dev_ac_inc()`
pub(super) fn join(kernel: &Rc<Kernel>) {
    let mut groups = kernel.lock_groups();
    let joined = match groups.entry() {
        Entry::Occupied(group) => users::join_listed(group),
        free => users::join(free, &kernel.allocate()),
    };
    drop(groups);
    publish(kernel, joined.unwrap());
}

/// `src/group/transition.rs`, which asks for memory without the lock, and only then.
pub(super) fn join_in_rust(kernel: &Rc<Kernel>) {
    if let Entry::Occupied(group) = kernel.lock_groups().entry() {
        users::join_listed::<()>(group).unwrap();
        return;
    }
    let new = kernel.allocate();
    let joined = users::join(kernel.lock_groups().entry(), &new).unwrap();
    publish(kernel, joined);
}

fn publish(kernel: &Kernel, joined: Join<Reference>) {
    if let Join::Joined(group) = joined {
        if kernel.flaw == Flaw::HashedLate {
            group.hash();
        }
        group.insert_route();
    }
}

/// `__ipv6_dev_ac_dec()`. Says whether there was such a group.
pub(super) fn leave(kernel: &Rc<Kernel>) -> bool {
    let left = users::leave(kernel.lock_groups().entry());
    match left {
        Leave::Left(group) => group.delete_route(),
        Leave::StillMember => (),
        Leave::NotMember => return false,
    }
    true
}

/// `ipv6_ac_destroy_dev()`
pub(super) fn destroy(kernel: &Rc<Kernel>) {
    let removed = match kernel.lock_groups().entry() {
        Entry::Occupied(group) => Some(users::Occupied::remove(group)),
        Entry::Vacant(_) => None,
    };
    if let Some(group) = removed {
        group.delete_route();
    }
}
