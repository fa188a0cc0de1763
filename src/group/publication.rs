// SPDX-License-Identifier: GPL-2.0

//! Whether and how a group is published: its object on the kernel's list, its route, and the
//! solicited-node group.
//!
//! Process context, under the publish lock of the device.

use super::ownership;
use crate::{
    decide::{
        lifecycle::State,
        users::{
            Entry,
            Users,
            Vacant, //
        },
    },
    publish::{
        self,
        observe,
        Reach, //
    },
    store::acaddr::{
        Acaddr,
        Unlisted, //
    },
    sys::{
        inet6_dev::Inet6Dev,
        memory::UNCHARGED,
        net,
        route::Route, //
    },
};
use core::{
    mem,
    net::Ipv6Addr, //
};
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// Whether and how the group is published.
#[cfg_attr(test, derive(Hash))]
pub(super) enum Publication {
    /// The group is listed.
    Published(Published),
    /// The group is not listed. The object to list is kept, so that handing the group back to C
    /// needs no memory.
    Dormant(Unlisted),
}

impl Publication {
    /// The anycast address.
    pub(super) fn addr(&self) -> Ipv6Addr {
        match self {
            Self::Published(published) => published.listed.addr(),
            Self::Dormant(unlisted) => unlisted.group().addr(),
        }
    }

    /// The state of the group.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Published(published) if published.draining => State::Draining,
            Self::Published(_) => State::Published,
            Self::Dormant(_) => State::Dormant,
        }
    }

    /// If it is published, how.
    pub(super) fn published(&self) -> Option<&Published> {
        match self {
            Self::Published(published) => Some(published),
            Self::Dormant(_) => None,
        }
    }

    /// The same.
    pub(super) fn published_mut(&mut self) -> Option<&mut Published> {
        match self {
            Self::Published(published) => Some(published),
            Self::Dormant(_) => None,
        }
    }

    /// Whether the group is published and still on the list.
    pub(super) fn is_listed(&self) -> bool {
        self.published().is_some_and(Published::is_listed)
    }

    /// Lists the dormant group on `idev`, with `users` holders, and publishes it with `show`.
    ///
    /// Fails with `ENODEV` when IPv6 has left the device, or with `EEXIST` when another party has
    /// listed the group. A lack of memory is not an error.
    pub(super) fn appear(
        &mut self,
        idev: ARef<Inet6Dev>,
        users: Users,
        show: fn(&Inet6Dev, &Acaddr) -> Reach,
    ) -> Result {
        let Self::Dormant(unlisted) = self else {
            return Ok(());
        };
        let listed = list(&idev, unlisted, users)?;
        let reach = show(&idev, &listed);
        *self = Self::Published(Published {
            idev,
            listed,
            reach,
            draining: false,
        });
        Ok(())
    }
}

/// The group is on the list of `idev`, as `listed`.
#[cfg_attr(test, derive(Hash))]
pub(super) struct Published {
    idev: ARef<Inet6Dev>,
    listed: ARef<Acaddr>,
    reach: Reach,
    /// The host has left the solicited-node group on purpose.
    draining: bool,
}

impl Published {
    /// A group that C or the transition has left on the list of `idev`. `listening`: its
    /// solicited-node group has been joined.
    pub(super) fn adopt(idev: ARef<Inet6Dev>, listed: ARef<Acaddr>, listening: bool) -> Self {
        let reach = Reach {
            routed: true,
            listening,
        };
        Self {
            idev,
            listed,
            reach,
            draining: false,
        }
    }

    /// Where it is published.
    pub(super) fn idev(&self) -> &Inet6Dev {
        &self.idev
    }

    /// Whether packets arrive, and whether solicitations do so unless the group drains.
    pub(super) fn is_reachable(&self) -> bool {
        let hears = self.reach.listening != self.draining || !self.idev.device().solicits();
        hears && self.listed.route().is_in_table()
    }

    /// Updates the user count on the listed object, for C and `/proc`.
    pub(super) fn count(&self, users: Users) {
        if self.listed.users() == users {
            return;
        }
        let groups = self.idev.lock_groups();
        if groups.has(&self.listed) {
            self.listed.set_users(users, &groups);
            return;
        }
        drop(groups);
        self.lost();
    }

    /// Leaves the solicited-node group. Takes no memory.
    pub(super) fn drain(&mut self) {
        if mem::replace(&mut self.reach.listening, false) {
            self.idev.leave_solicited_node(&self.listed.addr());
        }
        self.draining = true;
    }

    /// The group does not drain any more: it has to [`Published::listen()`] again.
    pub(super) fn resume(&mut self) {
        self.draining = false;
    }

    /// Joins the solicited-node group if it has not, unless the group drains. Fails with `ENOMEM`.
    pub(super) fn listen(&mut self) -> Result {
        if !self.reach.listening && !self.draining {
            self.reach.listening = self.idev.join_solicited_node(&self.listed.addr())?;
        }
        Ok(())
    }

    /// Gives the group a new route if its own has left the table. Fails with `ENOMEM`.
    pub(super) fn reroute(&mut self) -> Result {
        if self.listed.route().is_in_table() {
            return Ok(());
        }
        // A route that has left its table cannot be inserted again, and a listed group never
        // changes its route, as readers may be looking at it. So replace both.
        let fresh = Unlisted::new(&self.idev, &self.listed.addr(), UNCHARGED)?;
        let net = self.idev.device().net();
        match fresh.route().insert(net) {
            Err(err) if err == EEXIST => return Ok(()),
            inserted => inserted?,
        }
        if !replace(&self.idev, &self.listed, &fresh) {
            let _ = Route::delete(fresh.route().clone(), net);
            self.lost();
            return Ok(());
        }
        // Joining or leaving a VRF removes the route as well.
        let same_table = self.listed.route().table() == fresh.route().table();
        self.listed = fresh.group().into();
        // Otherwise this is the first route: there was no memory for one until now.
        if mem::replace(&mut self.reach.routed, true) {
            self.tell_rerouted(same_table);
        }
        Ok(())
    }

    fn tell_rerouted(&self, same_table: bool) {
        observe::reconciled(self.idev.device());
        if same_table && net::may_log() {
            pr_info!(
                "{}: the route of the held group {:?} was deleted; put back\n",
                self.idev.device().name(),
                self.listed.addr(),
            );
        }
    }

    /// Takes the group off the list, and makes the host stop answering. [`None`] if it is not on the list.
    pub(super) fn withdraw(&self) -> Option<Unlisted> {
        let unlisted = self.idev.lock_groups().remove(&self.listed);
        match &unlisted {
            Some(unlisted) => publish::withdraw(&self.idev, unlisted, self.reach.listening),
            None => self.lost(),
        }
        unlisted
    }

    fn is_listed(&self) -> bool {
        self.idev.lock_groups().has(&self.listed)
    }

    fn lost(&self) {
        ownership::lost(self.idev.device(), &self.listed.addr());
    }
}

/// Lists a group on `idev`. Fails as [`Publication::appear()`] does.
fn list(idev: &Inet6Dev, unlisted: &Unlisted, users: Users) -> Result<ARef<Acaddr>> {
    let addr: Ipv6Addr = unlisted.group().addr();
    let mut groups = idev.lock_groups();
    if groups.is_dead() {
        return Err(ENODEV);
    }
    unlisted.group().set_users(users, &groups);
    match groups.entry(&addr) {
        Entry::Vacant(place) => Ok(place.insert(unlisted)),
        Entry::Occupied(_) => Err(EEXIST),
    }
}

/// Replaces `listed` by `fresh` on the list. Returns whether `listed` was on it.
fn replace(idev: &Inet6Dev, listed: &Acaddr, fresh: &Unlisted) -> bool {
    let mut groups = idev.lock_groups();
    fresh.group().set_users(listed.users(), &groups);
    // Drop the replaced object after the lock.
    let old = groups.replace(listed, fresh);
    drop(groups);
    old.is_some()
}
