// SPDX-License-Identifier: GPL-2.0

//! Finds out for which of the groups taken over from C the solicited-node group has been joined.
//!
//! C does not remember. It does not join on a device with `arp off`, and leaving a group that was
//! not joined would drop another user's membership. But the memberships can be counted: one belongs
//! to each unicast address, and the rest to groups.

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

/// The memberships of multicast groups that have not been attributed yet, sorted by group.
pub(crate) struct Listeners(KVVec<(Ipv6Addr, u32)>);

impl Listeners {
    /// The memberships on `idev`, less those of its unicast addresses, which RTNL keeps stable.
    /// Fails with `ENOMEM`.
    pub(crate) fn of(idev: &Inet6Dev, _rtnl: &Rtnl) -> Result<Self> {
        let count = idev.multicast_users(&rcu::read_lock()).count();
        let mut users = KVVec::with_capacity(count, GFP_KERNEL)?;
        let rcu = rcu::read_lock();
        for group in idev.multicast_users(&rcu).take(count) {
            // The capacity has been reserved.
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

    /// Attributes one membership to `addr`. Returns whether there was one.
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
