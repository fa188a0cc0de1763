// SPDX-License-Identifier: GPL-2.0

//! The takeover: everything that exists while Rust replaces C, in drop order.

use super::{
    adoption::ADOPTION,
    others,
    patch::Patch, //
};
use crate::{
    decide::admission::Policy,
    entry::events::Events,
    group::{
        numbering::EXPECTED,
        ownership,
        quota::USERS,
        registry::{
            self,
            CLOSING,
            TABLES, //
        },
    },
    store::{
        index::Index,
        joined::JoinedSockets, //
    },
    sys::{
        genl::Family,
        notifiers::Registered,
        once::Once,
        work::Running, //
    },
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        rcu, //
    },
};

/// Rust replaces C, from the moment the kernel agreed until the kernel has switched back.
///
/// # Invariants
///
/// The livepatch has been enabled. The kernel lets the module go only after it has been disabled and
/// no task can be in our code. Fields go in their order then.
pub(crate) struct Takeover {
    _family: Family,
    _others: Registered,
    _works: [Running; 2],
    _tables: Dropped,
    _events: Events,
    _joined: JoinedSockets,
    _index: Index,
    _callbacks: Callbacks,
}

/// It has begun, or failed to.
static BEGUN: Atomic<bool> = Atomic::new(false);

/// The registry, which is gone once this has been dropped. Usually it has been handed back already;
/// but no callback ran if another livepatch has replaced ours.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        registry::hand_back();
    }
}

/// Our RCU callbacks: groups that wait to be freed.
struct Callbacks;

impl Takeover {
    /// Enables the livepatch. Tasks migrate one by one from now on, some after this returns.
    ///
    /// `policy` is the initial admission policy.
    ///
    /// Process context. Fails as [`Patch::enable()`] does, with `ENOMEM`, or the second time with `EBUSY`.
    pub(crate) fn begin(module: &'static ThisModule, policy: Policy) -> Result<Self> {
        if BEGUN.xchg(true, Relaxed) {
            return Err(EBUSY);
        }
        // SAFETY: This comes by but once. The kernel knows nothing of ours that needs any of these before they are
        // begun below: the livepatch and who listens to events come last, and by the order of our fields go first.
        let (nets, queue, patch, index, joined, family) = unsafe {
            Once::new().init(&TABLES);
            Once::new().init(&USERS);
            Once::new().init(&EXPECTED);
            (
                Once::new(),
                Once::new(),
                Once::new(),
                Once::new(),
                Once::new(),
                Once::new(),
            )
        };
        let patch = Patch::of(module, patch);
        let index = Index::begin(index)?;
        let joined = JoinedSockets::begin(joined)?;
        let events = Events::listen(policy, nets, queue)?;
        ownership::begin(patch.livepatch(), &CLOSING);
        // SAFETY: Neither is open. The events have made the queue, and are dropped after these.
        let works = [&CLOSING, &ADOPTION].map(|work| unsafe { Running::start(work) });
        let others = others::watch()?;
        let family = Family::register(family)?;
        patch.enable()?;
        // INVARIANT: It is enabled.
        Ok(Self {
            _family: family,
            _others: others,
            _works: works,
            _tables: Dropped,
            _events: events,
            _joined: joined,
            _index: index,
            _callbacks: Callbacks,
        })
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        rcu::rcu_barrier();
    }
}
