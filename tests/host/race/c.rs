// SPDX-License-Identifier: GPL-2.0

//! What net/ipv6/anycast.c does: one number of users, and no lock over list and publication together.

use crate::{
    decide::users::{self, Entry, Join, Leave},
    fake::world::GROUP,
    store::{
        acaddr::{Acaddr, Unlisted},
        notify::{self, Event},
    },
    sys::{inet6_dev::Inet6Dev, memory::CHARGED, net::Net, route::Route},
};

/// `__ipv6_dev_ac_inc()`. Says whether that went well.
pub(crate) fn join(idev: &Inet6Dev) -> bool {
    let mut groups = idev.lock_groups();
    if groups.is_dead() {
        return false;
    }
    let joined = match groups.entry(&GROUP) {
        Entry::Occupied(group) => users::join_listed(group),
        // It allocates under the lock.
        free @ Entry::Vacant(_) => match Unlisted::new(idev, &GROUP, CHARGED) {
            Ok(new) => users::join(free, &new),
            Err(_) => return false,
        },
    };
    drop(groups);
    match joined {
        Ok(Join::Joined(group)) => publish(idev, &group),
        Ok(Join::AlreadyMember) => (),
        Err(_) => return false,
    }
    true
}

/// `__ipv6_dev_ac_dec()`. Says whether there was such a group.
pub(crate) fn leave(idev: &Inet6Dev) -> bool {
    let left = users::leave(idev.lock_groups().entry(&GROUP));
    match left {
        Leave::Left(group) => withdraw(idev, &group),
        Leave::StillMember => (),
        Leave::NotMember => return false,
    }
    true
}

/// `ipv6_ac_destroy_dev()`
pub(crate) fn destroy(idev: &Inet6Dev) {
    loop {
        let popped = idev.lock_groups().pop();
        let Some(group) = popped else { return };
        withdraw(idev, &group);
    }
}

fn publish(idev: &Inet6Dev, group: &Acaddr) {
    let net = Net::nth(0);
    let _ = group.route().insert(net);
    let _ = idev.join_solicited_node(&GROUP);
    notify::tell(net, group, Event::New);
}

fn withdraw(idev: &Inet6Dev, group: &Unlisted) {
    let net = Net::nth(0);
    idev.leave_solicited_node(&GROUP);
    let _ = Route::delete(group.route().clone(), net);
    notify::tell(net, group.group(), Event::Del);
}
