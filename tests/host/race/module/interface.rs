// SPDX-License-Identifier: GPL-2.0

//! `src/group/registry.rs`, `src/group/device.rs`

use super::{
    super::kernel::{Idev, Kernel},
    Ledger, Module, NoMemory,
};
use std::{hash::Hash, task::Poll};

impl Module {
    pub(super) async fn way_to_join(&self, idev: Idev) -> bool {
        let find = |k: &mut Kernel| {
            if !k.tables.interface && !k.idevs[idev].dead {
                k.tables.interface = true;
                k.tables.ledger = Some(Ledger::default());
            }
            k.tables.interface
        };
        self.stage.step("looks into the tables", find).await
    }

    pub(super) async fn way(&self) -> bool {
        let find = |k: &mut Kernel| k.tables.interface;
        self.stage.step("looks into the tables", find).await
    }

    /// Takes the publish lock, unless the ledger is closed.
    pub(super) async fn open(&self) -> bool {
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

    pub(super) fn close(&self) {
        let close = |k: &mut Kernel| k.tables.publish = false;
        self.stage.at_once("gives the publish lock back", close);
    }

    /// Something with the ledger, which is nobody else's business under the publish lock.
    pub(super) async fn ledger<T: Hash>(
        &self,
        what: &'static str,
        action: impl Fn(&mut Kernel) -> T,
    ) -> T {
        match self.locks() {
            true => self.stage.at_once(what, action),
            false => self.stage.step(what, action).await,
        }
    }

    pub(super) async fn settle_interface(&self) -> Result<(), NoMemory> {
        if !self.open().await {
            return Ok(());
        }
        let settled = self.settle_all().await;
        self.close();
        settled
    }
}
