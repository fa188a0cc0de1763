// SPDX-License-Identifier: GPL-2.0

//! Adoption: when no task runs C any more, fill the registry and repair what C left broken.

use crate::{
    group::registry,
    store::index::OnlyRust,
    sys::{
        reconciler::{
            self,
            RETRY_MSECS, //
        },
        rtnl::Rtnl,
        work::Work, //
    },
};

/// Deferred adoption.
pub(super) static ADOPTION: Work = Work::new(&reconciler::QUEUE, run);

/// No task runs C any more, as `rust` shows: adopts now if RTNL is free, else soon. This must not
/// wait for RTNL: its holder may be waiting for a module to load, which takes `klp_mutex`.
///
/// Under `klp_mutex`.
pub(super) fn adopt(rust: OnlyRust) {
    registry::want(rust);
    match Rtnl::try_lock() {
        Some(rtnl) => fill(&rtnl),
        None => ADOPTION.soon(),
    }
}

fn fill(rtnl: &Rtnl) {
    if registry::adopt(rtnl).is_err() {
        ADOPTION.after(RETRY_MSECS);
    }
}

fn run(_work: &Work) {
    fill(&Rtnl::lock());
}
