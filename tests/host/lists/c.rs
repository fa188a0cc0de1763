// SPDX-License-Identifier: GPL-2.0

//! net/ipv6/anycast.c: one number of users, on the list alone. And how `src/group/group.rs` gives a listed group a
//! new route.

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

/// `Group::reroute()`: a new object in the place of the one that is listed, if that is there still.
pub(super) fn reroute(kernel: &Rc<Kernel>) {
    let listed = match kernel.lock_groups().entry() {
        Entry::Occupied(group) => group.reference(),
        Entry::Vacant(_) => return,
    };
    let fresh = kernel.allocate();
    fresh.insert_route();
    let old = kernel.lock_groups().replace(&listed, &fresh);
    if old.is_none() {
        fresh.delete_route();
    }
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
