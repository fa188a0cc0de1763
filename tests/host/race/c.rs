// SPDX-License-Identifier: GPL-2.0

//! What net/ipv6/anycast.c does: one number of users, and no lock over list and publication together.

use super::{
    kernel::{Idev, Kernel, Listed, Route},
    module::{publish, withdraw},
};
use crate::{
    decide::users::{self, Entry, Join, Leave, Users, Vacant},
    explorer::Stage,
};
use std::rc::Rc;

#[derive(Clone)]
pub(super) struct C {
    stage: Rc<Stage<Kernel>>,
}

impl C {
    pub(super) fn new(stage: &Rc<Stage<Kernel>>) -> Self {
        Self {
            stage: stage.clone(),
        }
    }

    /// `ipv6_sock_ac_join()`
    pub(super) async fn join(&self, socket: usize) {
        let find = self.stage.step("finds the IPv6 of the device", |k| k.ipv6);
        let Some(idev) = find.await else { return };
        // `__ipv6_dev_ac_inc()`
        let enter = |k: &mut Kernel| {
            if k.idevs[idev].dead {
                return Err(());
            }
            let route = k.new_route();
            match users::join(k.idevs[idev].entry(), &route) {
                Ok(Join::Joined(route)) => Ok(Some(route)),
                Ok(Join::AlreadyMember) => Ok(None),
                Err(_) => Err(()),
            }
        };
        let Ok(new) = self.stage.step("lists the group or counts up", enter).await else {
            return;
        };
        if let Some(route) = new {
            publish(&self.stage, route).await;
        }
        let remember = |k: &mut Kernel| k.remember(socket);
        self.stage.at_once("remembers its membership", remember);
    }

    /// `ipv6_sock_ac_drop()`
    pub(super) async fn leave(&self, socket: usize) {
        let forget = |k: &mut Kernel| k.forget(socket);
        if !self.stage.at_once("forgets its membership", forget) {
            return;
        }
        let find = self.stage.step("finds the IPv6 of the device", |k| k.ipv6);
        let Some(idev) = find.await else { return };
        // `__ipv6_dev_ac_dec()`
        let exit = |k: &mut Kernel| match users::leave(k.idevs[idev].entry()) {
            Leave::Left(route) => Some(route),
            Leave::StillMember | Leave::NotMember => None,
        };
        let last = self
            .stage
            .step("counts down or delists the group", exit)
            .await;
        if let Some(route) = last {
            withdraw(&self.stage, idev, route).await;
        }
    }

    /// `ipv6_ac_destroy_dev()`
    pub(super) async fn destroy(&self, idev: Idev) {
        let pop = |k: &mut Kernel| k.idevs[idev].listed.take().map(|group| group.route);
        let popped = self.stage.step("takes the group off the list", pop).await;
        if let Some(route) = popped {
            withdraw(&self.stage, idev, route).await;
        }
    }
}

/// A group on its list, and the place for one.
struct Place<'a>(&'a mut Option<Listed>);

impl super::kernel::Inet6Dev {
    fn entry(&mut self) -> Entry<Place<'_>, Place<'_>> {
        match self.listed {
            Some(_) => Entry::Occupied(Place(&mut self.listed)),
            None => Entry::Vacant(Place(&mut self.listed)),
        }
    }
}

impl users::Occupied for Place<'_> {
    type Delisted = Route;

    fn users(&self) -> Users {
        self.0.expect("listed").users()
    }
    fn set_users(&mut self, users: Users) {
        self.0.as_mut().expect("listed").users = users.as_raw();
    }
    fn remove(self) -> Route {
        self.0.take().expect("listed").route
    }
}

impl Vacant for Place<'_> {
    type Unlisted = Route;
    type Listed = Route;

    fn insert(self, &route: &Route) -> Route {
        let users = Users::FIRST.as_raw();
        *self.0 = Some(Listed { users, route });
        route
    }
}
