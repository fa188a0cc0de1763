// SPDX-License-Identifier: GPL-2.0

//! `src/entry/events.rs`, `src/group/reconcile.rs`

use super::{
    super::kernel::{Kernel, Pass},
    Flaw, Module,
};
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

    /// The worker. A pass takes two turns: in the first it looks at the group, in the second it ends.
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
                Poll::Ready(k.pass.is_some())
            };
            match self.stage.act("begins", begin).await {
                true => self.end_pass().await,
                false => self.pass().await,
            }
            self.stage.at_once("ends", |k| k.busy -= 1);
        }
    }

    async fn pass(&self) {
        self.stage.act("takes RTNL", Kernel::take_rtnl).await;
        self.stage
            .step("expects no address", |k| k.expected = false)
            .await;
        self.stage.at_once("gives RTNL back", |k| k.rtnl = false);
        self.stage
            .step("is about to try", |k| k.again = false)
            .await;
        let mut events = self.stage.step("reads the events", |k| k.events).await;
        self.stage.act("takes RTNL", Kernel::take_rtnl).await;
        let failed = self.way().await && self.settle_interface().await.is_err();
        self.stage.at_once("gives RTNL back", |k| k.rtnl = false);
        if self.flaw == Some(Flaw::EventsReadLate) {
            events = self.stage.step("reads the events", |k| k.events).await;
        }
        let go_on = |k: &mut Kernel| {
            k.pass = Some(Pass { events, failed });
            k.work.soon = true;
        };
        self.stage.at_once("goes on", go_on);
    }

    async fn end_pass(&self) {
        let pass = self.stage.at_once("ends the pass", |k| k.pass.take());
        let Some(Pass { events, failed }) = pass else {
            return;
        };
        let read = self.stage.step("reads the events", |k| k.events).await;
        let again = |k: &mut Kernel| std::mem::take(&mut k.again);
        let again = self
            .stage
            .step("has somebody asked for another try?", again)
            .await;
        if read != events {
            self.stage
                .at_once("asks for another pass", |k| k.work.soon = true);
        } else if failed || again {
            self.later().await;
        }
    }

    pub(super) async fn later(&self) {
        let ask = |k: &mut Kernel| k.again = true;
        self.stage.step("asks for another try", ask).await;
        let work = |k: &mut Kernel| k.work.later = !k.work.soon;
        self.stage.at_once("asks for work", work);
    }
}
