// SPDX-License-Identifier: GPL-2.0

//! For which of the groups that C leaves to us it has joined the solicited-node group.
//!
//! C does not remember. It does not join on a device with `arp off`, and what it did not join must not be
//! left: that would be somebody else's. The memberships can be counted, though: one is of each unicast
//! address, and what remains is of groups.

use crate::{
    decide::addr::solicited_node,
    sys::{
        inet6_dev::Inet6Dev,
        inet6_ifaddr::IfAddr,
        rtnl::Rtnl, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::rcu, //
};

/// The memberships of multicast groups that nobody has been found for yet, sorted by group.
pub(crate) struct Listeners(KVVec<(Ipv6Addr, u32)>);

impl Listeners {
    /// Those on `idev` beyond the unicast addresses', which RTNL keeps as they are. Fails with `ENOMEM`.
    pub(crate) fn of(idev: &Inet6Dev, _rtnl: &Rtnl) -> Result<Self> {
        let count = idev.multicast_users(&rcu::read_lock()).count();
        let mut users = KVVec::with_capacity(count, GFP_KERNEL)?;
        let rcu = rcu::read_lock();
        for group in idev.multicast_users(&rcu).take(count) {
            // There is room for it.
            let _ = users.push_within_capacity(group);
        }
        users.sort_unstable();
        let mut listeners = Self(users);
        let unicasts = idev.addresses(&rcu).map(IfAddr::get);
        for unicast in unicasts.filter(|unicast| !unicast.gone) {
            listeners.take(&unicast.addr);
        }
        Ok(listeners)
    }

    /// Takes one for `addr`. Says whether there was one.
    pub(crate) fn take(&mut self, addr: &Ipv6Addr) -> bool {
        let group = solicited_node(addr);
        let Ok(found) = self.0.binary_search_by_key(&group, |&(group, _)| group) else {
            return false;
        };
        match self.0.get_mut(found) {
            Some((_, users)) if *users > 0 => {
                *users -= 1;
                true
            }
            _ => false,
        }
    }
}
