// SPDX-License-Identifier: GPL-2.0

//! `src/group/numbering.rs`, and what `src/entry/addrconf.rs`, `src/group/set.rs` and `src/group/group.rs` do by it.

use super::{super::kernel::Kernel, Flaw, Module};

impl Module {
    /// Does the module agree to a unicast address? Under RTNL.
    pub(in crate::race) async fn may_add(&self) -> bool {
        let expect = |k: &mut Kernel| k.expected = true;
        let is_free = |k: &mut Kernel| !k.group().is_some_and(|group| group.holders.privileged());
        if !self.way().await {
            self.stage.step("expects the address", expect).await;
            return true;
        }
        if self.flaw == Some(Flaw::AgreesUnlocked) {
            let agreed = self.stage.step("looks for a group", is_free).await;
            if agreed {
                self.stage.step("expects the address", expect).await;
            }
            return agreed;
        }
        if !self.open().await {
            return true;
        }
        let agree = |k: &mut Kernel| {
            let agreed = is_free(k);
            if agreed {
                expect(k);
            }
            agreed
        };
        let agreed = self.ledger("agrees to the address", agree).await;
        if agreed {
            // Nothing to be published takes memory.
            let _ = self.settle().await;
        }
        self.close();
        agreed
    }

    /// Has the device the address, or is it about to get it?
    pub(super) async fn has(&self) -> bool {
        let is_expected = |k: &mut Kernel| k.expected;
        let is_there = |k: &mut Kernel| k.unicast.is_some();
        match self.flaw {
            Some(Flaw::NotExpected) => self.stage.step("looks for the address", is_there).await,
            Some(Flaw::ExpectedReadLate) => {
                self.stage.step("looks for the address", is_there).await
                    || self.stage.step("looks what is expected", is_expected).await
            }
            _ => {
                self.stage.step("looks what is expected", is_expected).await
                    || self.stage.step("looks for the address", is_there).await
            }
        }
    }

    /// The address has the route that the group's has kept away. Under RTNL.
    pub(super) async fn serve_unicast(&self) {
        if self.flaw == Some(Flaw::NotServed) {
            return;
        }
        let serve = |k: &mut Kernel| {
            if let Some(route) = k
                .unicast
                .filter(|_| k.routes_unicast && k.in_table.is_none())
            {
                k.insert(route);
            }
        };
        self.stage.step("gives the address its route", serve).await;
    }
}
