// SPDX-License-Identifier: GPL-2.0

//! Look-ups of groups, by the [`index`] where that knows them all, else by the kernel's lists.
//!
//! Any context. Nothing but the RCU read lock is taken.

use crate::{
    logic::counter::Counter,
    sys::{
        acaddr_hash,
        index,
        net::Net,
        net_device::NetDevice, //
    },
};
use core::net::Ipv6Addr;
use kernel::sync::rcu;

/// Is `addr` a published group on `device`, or for [`None`] on any device of `net`?
pub(crate) fn is_held(net: &Net, device: Option<&NetDevice>, addr: &Ipv6Addr) -> bool {
    let rcu = rcu::read_lock();
    if index::is_complete() {
        let is_listed = |entry: &index::Entry| entry.listed(&rcu).is_some();
        return any(net, device, addr, &rcu, is_listed);
    }
    net.stats().count(Counter::Walk);
    match device {
        Some(device) => device
            .ipv6_rcu(&rcu)
            .is_some_and(|idev| idev.groups(&rcu).any(|group| group.addr() == *addr)),
        None => acaddr_hash::candidates(net, addr, &rcu)
            .filter(|group| group.addr() == *addr)
            .filter_map(|group| group.device(&rcu))
            .any(|device| device.net() == net),
    }
}

/// Does anybody hold `addr` on `device`, or for [`None`] on any device of `net`, be the group dormant?
pub(crate) fn is_known(net: &Net, device: Option<&NetDevice>, addr: &Ipv6Addr) -> bool {
    let rcu = rcu::read_lock();
    if index::is_complete() {
        return any(net, device, addr, &rcu, |_| true);
    }
    is_held(net, device, addr)
}

/// Does a socket hold the group `addr` by a membership that we know nothing of, from before the takeover?
///
/// [`None`], too, while C may be at work: it frees memberships without a lock that keeps us from them.
pub(crate) fn unnamed<'r>(
    net: &Net,
    addr: &Ipv6Addr,
    rcu: &'r rcu::Guard,
) -> Option<index::Complete<'r>> {
    let complete = index::complete_during(rcu)?;
    index::in_net(net, addr, rcu)
        .any(|entry| entry.has_adopted())
        .then_some(complete)
}

fn any(
    net: &Net,
    device: Option<&NetDevice>,
    addr: &Ipv6Addr,
    rcu: &rcu::Guard,
    does: impl Fn(&index::Entry) -> bool,
) -> bool {
    match device {
        Some(device) => index::on_device(device, addr, rcu).is_some_and(does),
        None => index::in_net(net, addr, rcu).any(does),
    }
}
