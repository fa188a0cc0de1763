// SPDX-License-Identifier: GPL-2.0

//! The module: `src/entry/setsockopt.rs` and `src/group/mod.rs` here, the others in files of their names.
//!
//! Functions are called as there. Each action is what happens there under one lock, or one call of the
//! kernel.

mod group;
mod interface;
mod ledger;
mod numbering;
mod publish;
mod reconcile;

pub(super) use self::{
    ledger::Ledger,
    publish::{publish, withdraw},
};

use super::kernel::Kernel;
use crate::explorer::Stage;
use std::rc::Rc;

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
    /// A join does not look whether the address is about to be added.
    NotExpected,
    /// It looks whether it is there before it looks whether it is about to be added.
    ExpectedReadLate,
    /// Who agrees to an address does so without the publish lock.
    AgreesUnlocked,
    /// Nobody gives the address the route that the group's has kept away.
    NotServed,
    /// The events that have been answered are counted after the answer, not before.
    EventsReadLate,
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
            let remember = |k: &mut Kernel| k.remember(socket);
            self.stage.at_once("remembers its membership", remember);
        }
    }

    pub(super) async fn leave(&self, socket: usize) {
        let forget = |k: &mut Kernel| k.forget(socket);
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
}
