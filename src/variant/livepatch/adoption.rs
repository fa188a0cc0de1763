// SPDX-License-Identifier: GPL-2.0

//! Adoption: the side tables are filled, and what C left broken is mended, when no task is in C any more.

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

/// Adoption that has been put off.
pub(super) static ADOPTION: Work = Work::new(&reconciler::QUEUE, run);

/// No task is in C, as `rust` shows: adopts now if RTNL is free, else soon. It is not waited for, as whoever has it may be
/// waiting for a module to load, which takes `klp_mutex`.
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
