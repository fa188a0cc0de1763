// SPDX-License-Identifier: GPL-2.0

//! `src/group/group.rs`

use super::{
    super::kernel::{Idev, Kernel, Listed, Route},
    publish::{publish, withdraw},
    Module, NoMemory,
};
use crate::decide::{
    holders::Holders,
    lifecycle::{self, Observed, State, Step},
};
use std::hash::{Hash, Hasher};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) holders: Holders,
    pub(super) publication: Publication,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Publication {
    Published { idev: Idev, route: Route },
    Dormant { route: Route, spent: bool },
}

impl Group {
    fn state(&self) -> State {
        match self.publication {
            Publication::Published { .. } => State::Published,
            Publication::Dormant { .. } => State::Dormant,
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.holders.users().is_some()
    }
}

impl Hash for Group {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let users = self.holders.users().map(|users| users.as_raw());
        (users, self.holders.adopted(), self.publication).hash(state);
    }
}

impl Module {
    pub(super) async fn settle(&self) -> Result<(), NoMemory> {
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
    async fn sight(&self) -> Option<(Option<(Idev, Route)>, Observed)> {
        let look = |k: &mut Kernel| {
            let group = k.group()?.clone();
            let published = match group.publication {
                Publication::Published { idev, route } => Some((idev, route)),
                Publication::Dormant { .. } => None,
            };
            debug_assert_eq!(published.is_some(), group.state() == State::Published);
            let idev = published.map(|(idev, _)| idev).or(k.ipv6);
            let carried = idev.is_some_and(|idev| k.carries(idev));
            Some((published, group.is_held(), carried, k.yields()))
        };
        let (published, held, carried, yields) =
            self.stage.step("looks at holders and device", look).await?;
        let reachable = match published {
            None => false,
            Some((_, route)) => {
                let look = |k: &mut Kernel| k.in_table == Some(route);
                self.stage.step("looks for the route", look).await
            }
        };
        let sight = Observed {
            held,
            carried,
            yields,
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
