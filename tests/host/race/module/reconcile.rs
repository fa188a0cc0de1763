// SPDX-License-Identifier: GPL-2.0

//! `src/events.rs`, `src/reconcile.rs`

use super::{super::kernel::Kernel, Module};
use std::task::Poll;

impl Module {
    pub(in crate::race) async fn device_changed(&self) {
        if self.way().await && self.settle_interface().await.is_err() {
            self.later().await;
        }
    }

    pub(in crate::race) async fn device_gone(&self) {
        let remove = |k: &mut Kernel| std::mem::take(&mut k.tables.interface);
        if self.stage.step("takes the interface out", remove).await && self.open().await {
            let bury = |k: &mut Kernel| k.tables.ledger = None;
            self.ledger("buries the ledger", bury).await;
            self.close();
        }
    }

    /// The worker.
    pub(in crate::race) async fn reconcile(self) {
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

    pub(super) async fn later(&self) {
        self.stage.step("counts the event", |k| k.events += 1).await;
        self.again_later();
    }

    fn again_later(&self) {
        let later = |k: &mut Kernel| k.work.later = true;
        self.stage.at_once("asks for another try", later);
    }
}
