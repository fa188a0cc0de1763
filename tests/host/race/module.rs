// SPDX-License-Identifier: GPL-2.0

//! The module: `src/groups.rs`, `src/tables.rs`, `src/interface.rs`, `src/ledger.rs`, `src/group.rs`.
//!
//! Functions are called as there. Each action is what happens there under one lock, or one call of the
//! kernel.

use super::kernel::{Idev, Kernel, Listed, Route};
use crate::{
    explorer::Stage,
    logic::{
        holders::{Holder, Holders},
        lifecycle::{self, Sight, State, Step},
    },
};
use std::{
    hash::{Hash, Hasher},
    rc::Rc,
    task::Poll,
};

/// `src/ledger.rs`, with room for one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    group: Option<Group>,
}

/// `src/group.rs`
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    holders: Holders,
    publication: Publication,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Publication {
    Published { idev: Idev, route: Route },
    Dormant { route: Route, spent: bool },
}

/// There was no memory for it.
#[derive(Hash)]
struct NoMemory;

#[derive(Clone)]
pub(super) struct Module {
    stage: Rc<Stage<Kernel>>,
    flaw: Option<Flaw>,
}

/// What can be left out, to see what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nobody takes the publish lock.
    NoPublishLock,
    /// The events that have been answered are counted after the answer, not before.
    EventsReadLate,
}

impl Ledger {
    /// What is listed, as [`Ledger::adopt()`](../../../src/ledger.rs) finds it.
    pub(super) fn adopt(kernel: &Kernel) -> Self {
        let group = |listed: Listed| Group {
            holders: Holders::adopt(listed.users(), 0),
            publication: Publication::Published {
                idev: 0,
                route: listed.route,
            },
        };
        Self {
            group: kernel.idevs[0].listed.map(group),
        }
    }
}

impl Group {
    fn state(&self) -> State {
        match self.publication {
            Publication::Published { .. } => State::Published,
            Publication::Dormant { .. } => State::Dormant,
        }
    }

    fn is_held(&self) -> bool {
        self.holders.users().is_some()
    }
}

impl Hash for Group {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let users = self.holders.users().map(|users| users.as_raw());
        (users, self.holders.adopted(), self.publication).hash(state);
    }
}

impl Kernel {
    /// The side tables are filled.
    pub(super) fn adopted(mut self) -> Self {
        self.heard = true;
        self.tables.interface = true;
        self.tables.ledger = Some(Ledger::adopt(&self));
        self.tables.seen = Some(0);
        self
    }

    fn group(&mut self) -> Option<&mut Group> {
        self.tables.ledger.as_mut()?.group.as_mut()
    }
}

impl Module {
    pub(super) fn new(stage: &Rc<Stage<Kernel>>, flaw: Option<Flaw>) -> Self {
        Self {
            stage: stage.clone(),
            flaw,
        }
    }

    /// Does anybody take the publish lock?
    fn locks(&self) -> bool {
        self.flaw != Some(Flaw::NoPublishLock)
    }

    // ---- src/sockets.rs, src/groups.rs ----

    pub(super) async fn join(&self, socket: usize) {
        let find = self.stage.step("finds the IPv6 of the device", |k| k.ipv6);
        let Some(idev) = find.await else { return };
        loop {
            if !self.way_to_join(idev).await {
                return;
            }
            if self.open().await {
                break;
            }
        }
        let joined = self.ledger_join(socket).await;
        self.close();
        if joined {
            let remember = |k: &mut Kernel| k.members[socket] = true;
            self.stage.at_once("remembers its membership", remember);
        }
    }

    pub(super) async fn leave(&self, socket: usize) {
        let forget = |k: &mut Kernel| std::mem::take(&mut k.members[socket]);
        if !self.stage.at_once("forgets its membership", forget) {
            return;
        }
        let gone = self.stage.step("finds the device", |k| k.unregistered);
        if gone.await {
            return;
        }
        loop {
            if !self.way().await {
                return;
            }
            if self.open().await {
                break;
            }
        }
        self.ledger_leave(socket).await;
        self.close();
    }

    pub(super) async fn ipv6_gone(&self) {
        // Without an interface there is no group, and no more can come.
        if self.way().await && self.open().await {
            // Nothing to be published takes memory.
            let _ = self.settle_all().await;
            self.close();
        }
    }

    // ---- src/events.rs, src/reconcile.rs ----

    pub(super) async fn device_changed(&self) {
        if self.way().await && self.settle_interface().await.is_err() {
            self.later().await;
        }
    }

    pub(super) async fn device_gone(&self) {
        let remove = |k: &mut Kernel| std::mem::take(&mut k.tables.interface);
        if self.stage.step("takes the interface out", remove).await && self.open().await {
            let bury = |k: &mut Kernel| k.tables.ledger = None;
            self.ledger("buries the ledger", bury).await;
            self.close();
        }
    }

    /// The worker.
    pub(super) async fn reconcile(self) {
        loop {
            self.stage.forget("idle");
            let begin = |k: &mut Kernel| {
                let due = k.work.soon || (k.work.later && !k.no_memory);
                if !due {
                    return Poll::Pending;
                }
                k.work = Default::default();
                k.busy += 1;
                Poll::Ready(())
            };
            self.stage.act("begins", begin).await;
            self.stage.act("takes RTNL", Kernel::take_rtnl).await;
            if self.way().await && self.catch_up().await.is_err() {
                self.again_later();
            }
            let end = |k: &mut Kernel| {
                k.rtnl = false;
                k.busy -= 1;
            };
            self.stage.at_once("gives RTNL back", end);
        }
    }

    async fn later(&self) {
        self.stage.step("counts the event", |k| k.events += 1).await;
        self.again_later();
    }

    fn again_later(&self) {
        let later = |k: &mut Kernel| k.work.later = true;
        self.stage.at_once("asks for another try", later);
    }

    // ---- src/tables.rs ----

    async fn way_to_join(&self, idev: Idev) -> bool {
        let find = |k: &mut Kernel| {
            if !k.tables.interface && !k.idevs[idev].dead {
                k.tables.interface = true;
                k.tables.ledger = Some(Ledger::default());
            }
            k.tables.interface
        };
        self.stage.step("looks into the tables", find).await
    }

    async fn way(&self) -> bool {
        let find = |k: &mut Kernel| k.tables.interface;
        self.stage.step("looks into the tables", find).await
    }

    // ---- src/interface.rs ----

    /// Takes the publish lock, unless the ledger is closed.
    async fn open(&self) -> bool {
        let locks = self.locks();
        let open = |k: &mut Kernel| match k.tables.publish && locks {
            true => Poll::Pending,
            false => {
                let open = k.tables.ledger.is_some();
                k.tables.publish = open && locks;
                Poll::Ready(open)
            }
        };
        self.stage.act("takes the publish lock", open).await
    }

    fn close(&self) {
        let close = |k: &mut Kernel| k.tables.publish = false;
        self.stage.at_once("gives the publish lock back", close);
    }

    /// Something with the ledger, which is nobody else's business under the publish lock.
    async fn ledger<T: Hash>(&self, what: &'static str, action: impl Fn(&mut Kernel) -> T) -> T {
        match self.locks() {
            true => self.stage.at_once(what, action),
            false => self.stage.step(what, action).await,
        }
    }

    /// RTNL keeps others out of what has been seen.
    async fn catch_up(&self) -> Result<(), NoMemory> {
        let read = |k: &mut Kernel| (k.events, k.tables.seen);
        let (mut events, seen) = self.stage.step("reads the events", read).await;
        if seen != Some(events) {
            self.settle_interface().await?;
            if self.flaw == Some(Flaw::EventsReadLate) {
                events = self.stage.step("reads the events", |k| k.events).await;
            }
            let see = |k: &mut Kernel| k.tables.seen = Some(events);
            self.stage.at_once("has answered the events", see);
        }
        Ok(())
    }

    async fn settle_interface(&self) -> Result<(), NoMemory> {
        if !self.open().await {
            return Ok(());
        }
        let settled = self.settle_all().await;
        self.close();
        settled
    }

    // ---- src/ledger.rs ----

    async fn ledger_join(&self, socket: usize) -> bool {
        let take = |k: &mut Kernel| {
            if k.group().is_none() {
                if k.no_memory {
                    return false;
                }
                let group = Group {
                    holders: Holders::default(),
                    publication: Publication::Dormant {
                        route: k.new_route(),
                        spent: false,
                    },
                };
                k.tables.ledger.as_mut().expect("open").group = Some(group);
            }
            let group = k.group().expect("just made");
            group.holders = group
                .holders
                .join(Self::holder(socket))
                .expect("two at most");
            true
        };
        let joined = self.ledger("takes a hold", take).await;
        if joined {
            self.ledger_settle().await;
        }
        joined
    }

    async fn ledger_leave(&self, socket: usize) {
        let give = |k: &mut Kernel| {
            let Some(group) = k.group() else { return false };
            let left = group.holders.leave(Self::holder(socket));
            group.holders = left.unwrap_or(group.holders);
            left.is_ok()
        };
        if self.ledger("gives its hold back", give).await {
            self.ledger_settle().await;
        }
    }

    /// Everybody who joins is known; who was a member before is not.
    fn holder(socket: usize) -> Holder {
        match socket {
            2 => Holder::Stranger,
            _ => Holder::Socket,
        }
    }

    async fn ledger_settle(&self) {
        if self.settle().await.is_err() {
            self.later().await;
        }
        self.forget_unheld().await;
    }

    async fn settle_all(&self) -> Result<(), NoMemory> {
        let settled = self.settle().await;
        self.forget_unheld().await;
        settled
    }

    async fn forget_unheld(&self) {
        let forget = |k: &mut Kernel| {
            if k.group().is_some_and(|group| !group.is_held()) {
                k.tables.ledger.as_mut().expect("has a group").group = None;
            }
        };
        self.ledger("forgets what nobody holds", forget).await;
    }

    // ---- src/group.rs ----

    async fn settle(&self) -> Result<(), NoMemory> {
        self.count().await;
        let before = self.stage.told();
        for look in 0..2 {
            self.stage.forget((before, look));
            let Some((published, sight)) = self.sight().await else {
                break;
            };
            let state = match published {
                Some(_) => State::Published,
                None => State::Dormant,
            };
            match (lifecycle::step(state, sight), published) {
                (Some(Step::Publish), _) => self.publish().await?,
                (Some(Step::Repair), Some((idev, _))) => self.reroute(idev).await?,
                (Some(Step::Suspend | Step::Withdraw), Some((idev, route))) => {
                    self.suspend(idev, route).await;
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Where the group is published, and what there is to see of it; [`None`] when there is none.
    async fn sight(&self) -> Option<(Option<(Idev, Route)>, Sight)> {
        let look = |k: &mut Kernel| {
            let group = k.group()?.clone();
            let published = match group.publication {
                Publication::Published { idev, route } => Some((idev, route)),
                Publication::Dormant { .. } => None,
            };
            debug_assert_eq!(published.is_some(), group.state() == State::Published);
            let idev = published.map(|(idev, _)| idev).or(k.ipv6);
            let carried = idev.is_some_and(|idev| k.carries(idev));
            Some((published, group.is_held(), carried))
        };
        let (published, held, carried) =
            self.stage.step("looks at holders and device", look).await?;
        let reachable = match published {
            None => false,
            Some((_, route)) => {
                let look = |k: &mut Kernel| k.in_table == Some(route);
                self.stage.step("looks for the route", look).await
            }
        };
        let sight = Sight {
            held,
            carried,
            reachable,
        };
        Some((published, sight))
    }

    async fn count(&self) {
        let count = |k: &mut Kernel| {
            let Some(group) = k.group() else { return };
            let (Publication::Published { idev, .. }, Some(users)) =
                (group.publication, group.holders.users())
            else {
                return;
            };
            if let Some(listed) = &mut k.idevs[idev].listed {
                listed.users = users.as_raw();
            }
        };
        self.stage.step("shows the number of holders", count).await;
    }

    async fn publish(&self) -> Result<(), NoMemory> {
        let refresh = |k: &mut Kernel| {
            let (Some(idev), Some(group)) = (k.ipv6, k.group().cloned()) else {
                return Ok(None);
            };
            let Publication::Dormant { mut route, spent } = group.publication else {
                return Ok(None);
            };
            if spent && k.no_memory {
                return Err(NoMemory);
            }
            if spent {
                route = k.new_route();
                let fresh = Publication::Dormant {
                    route,
                    spent: false,
                };
                k.group().expect("seen above").publication = fresh;
            }
            Ok(group
                .holders
                .users()
                .map(|users| (idev, route, users.as_raw())))
        };
        let ready = self.stage.step("makes the group ready", refresh).await?;
        let Some((idev, route, users)) = ready else {
            return Ok(());
        };

        let list = |k: &mut Kernel| {
            let idev = &mut k.idevs[idev];
            let free = !idev.dead && idev.listed.is_none();
            if free {
                idev.listed = Some(Listed { users, route });
            }
            free
        };
        if !self.stage.step("lists the group", list).await {
            return Ok(());
        }
        publish(&self.stage, route).await;
        self.note(Publication::Published { idev, route }).await;
        Ok(())
    }

    async fn reroute(&self, idev: Idev) -> Result<(), NoMemory> {
        let make = |k: &mut Kernel| match k.no_memory {
            true => Err(NoMemory),
            false => Ok(k.new_route()),
        };
        let route = self.stage.step("makes a new route", make).await?;
        let insert = |k: &mut Kernel| k.insert(route);
        if !self.stage.step("inserts the new route", insert).await {
            return Ok(());
        }
        let replace = |k: &mut Kernel| {
            let listed = k.idevs[idev].listed.as_mut();
            listed.map(|listed| listed.route = route).is_some()
        };
        if !self.stage.step("replaces the group", replace).await {
            let delete = |k: &mut Kernel| k.delete(route);
            self.stage.step("deletes the new route", delete).await;
            return Ok(());
        }
        self.note(Publication::Published { idev, route }).await;
        Ok(())
    }

    async fn suspend(&self, idev: Idev, route: Route) {
        let remove = |k: &mut Kernel| {
            k.idevs[idev]
                .listed
                .take()
                .map_or(route, |group| group.route)
        };
        let route = self
            .stage
            .step("takes the group off the list", remove)
            .await;
        withdraw(&self.stage, idev, route).await;
        self.note(Publication::Dormant { route, spent: true }).await;
    }

    async fn note(&self, publication: Publication) {
        let note = |k: &mut Kernel| {
            if let Some(group) = k.group() {
                group.publication = publication;
            }
        };
        self.ledger("notes what the world sees", note).await;
    }
}

// ---- src/publish.rs, and C does the same ----

/// After the group has been listed.
pub(super) async fn publish(stage: &Stage<Kernel>, route: Route) {
    let insert = |k: &mut Kernel| k.insert(route);
    stage.step("inserts the route", insert).await;
    let join = Kernel::join_solicited_node;
    stage.step("joins the solicited-node group", join).await;
    stage.step("tells of a new group", |k| k.told += 1).await;
}

/// After the group has left the list of `idev`.
pub(super) async fn withdraw(stage: &Stage<Kernel>, idev: Idev, route: Route) {
    let leave = |k: &mut Kernel| k.leave_solicited_node(idev);
    stage.step("leaves the solicited-node group", leave).await;
    stage.step("deletes the route", |k| k.delete(route)).await;
    stage
        .step("tells of the end of a group", |k| k.told -= 1)
        .await;
}
