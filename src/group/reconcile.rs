// SPDX-License-Identifier: GPL-2.0

//! Brings the publication of groups into line with their holders and devices, after events that do
//! not say which group they concern.
//!
//! Runs in a kernel thread, as events arrive in any context. Each namespace records its own events
//! ([`Reconciler`](crate::sys::reconciler::Reconciler)) and waits for its turn in one queue. RTNL
//! is held for one step of [`STEP`] slots, after which the namespace goes to the end of the queue.
//! So a namespace waits for at most one step of each other namespace with events, no matter how
//! many groups that has.

use super::{
    numbering,
    registry, //
};
use crate::{
    decide::pass::{
        End,
        Pass, //
    },
    sys::{
        net::Net,
        net_device::Identity,
        reconciler::Passing,
        rtnl::Rtnl, //
    },
};

/// Slots of a device that one step looks at.
const STEP: usize = 256;

/// Schedules a pass after an event in `net`. Any context.
pub(crate) fn soon(net: &Net) {
    if net.has_groups() {
        net.reconciler().soon();
    }
}

/// Schedules a pass after `net` was asked whether an address may be added: if that fails, no event
/// follows. Any context.
pub(crate) fn after_numbering(net: &Net) {
    net.reconciler().soon();
}

/// One step of the current pass over the groups of `net`, or the first step of a new one.
///
/// Called from the namespace's work.
pub(crate) fn run(net: &Net) {
    let mut passing = net.reconciler().pass();
    let pass = passing.take().unwrap_or_else(|| begin(net));
    *passing = step(net, pass);
}

/// A pass covers all events and retries requested before it. RTNL was free, so no address is about
/// to be added.
fn begin(net: &Net) -> Pass<Identity> {
    numbering::over(&Rtnl::lock());
    net.reconciler().take_again();
    Pass::begin(net.reconciler().events())
}

/// Settles some groups and queues the next step. Returns the rest of the pass.
fn step(net: &Net, mut pass: Pass<Identity>) -> Passing {
    let Some((device, groups)) = registry::next(net, pass.next()) else {
        end(net, pass);
        return None;
    };
    let left = pass.left(device).unwrap_or(usize::MAX);
    let rtnl = Rtnl::lock();
    let (left, settled) = groups.settle_some(&rtnl, left, STEP);
    drop(rtnl);
    pass.went(device, left, settled.is_ok());
    net.reconciler().go_on();
    Some(pass)
}

fn end(net: &Net, pass: Pass<Identity>) {
    let reconciler = net.reconciler();
    match pass.end(reconciler.events(), reconciler.take_again()) {
        End::Rest => (),
        End::Again => reconciler.go_on(),
        End::Later => reconciler.retry(),
    }
}
