// SPDX-License-Identifier: GPL-2.0

//! `src/group/set.rs`

use super::{
    super::kernel::{Kernel, Listed},
    group::{Group, Publication},
    Module, NoMemory,
};
use crate::decide::holders::{Holder, Holders};

/// With room for one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::race) struct Ledger {
    group: Option<Group>,
}

impl Ledger {
    /// What is listed, as [`Ledger::adopt()`](../../../src/group/set.rs) finds it.
    fn adopt(kernel: &Kernel) -> Self {
        let member = Holder::Socket { privileged: false };
        let group = |listed: Listed| Group {
            holders: match kernel.privileged {
                true => Holders::adopt(listed.users(), 0),
                false => Holders::default().join(member).expect("the only one"),
            },
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

impl Kernel {
    /// The side tables are filled.
    pub(in crate::race) fn adopted(mut self) -> Self {
        self.heard = true;
        self.tables.interface = true;
        self.tables.ledger = Some(Ledger::adopt(&self));
        self
    }

    pub(super) fn group(&mut self) -> Option<&mut Group> {
        self.tables.ledger.as_mut()?.group.as_mut()
    }
}

impl Module {
    pub(super) async fn ledger_join(&self, socket: usize) -> bool {
        if self.has().await {
            return false;
        }
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
            let holder = Self::holder(socket, k.privileged);
            let group = k.group().expect("just made");
            group.holders = group.holders.join(holder).expect("two at most");
            true
        };
        let joined = self.ledger("takes a hold", take).await;
        if joined {
            self.ledger_settle().await;
        }
        joined
    }

    pub(super) async fn ledger_leave(&self, socket: usize) {
        let give = |k: &mut Kernel| {
            let holder = Self::holder(socket, k.privileged);
            let Some(group) = k.group() else { return false };
            let left = group.holders.leave(holder);
            group.holders = left.unwrap_or(group.holders);
            left.is_ok()
        };
        if self.ledger("gives its hold back", give).await {
            self.ledger_settle().await;
        }
    }

    /// Everybody who joins is known; who was a member before is not.
    fn holder(socket: usize, privileged: bool) -> Holder {
        match socket {
            2 if privileged => Holder::Stranger,
            _ => Holder::Socket { privileged },
        }
    }

    async fn ledger_settle(&self) {
        if self.settle().await.is_err() {
            self.later().await;
        }
        self.forget_unheld().await;
    }

    pub(super) async fn settle_all(&self) -> Result<(), NoMemory> {
        let settled = self.settle().await;
        self.serve_unicast().await;
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
}
