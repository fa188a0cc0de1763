// SPDX-License-Identifier: GPL-2.0

//! Brings what the world sees of groups into line with what their holders and devices ask for, after
//! events that did not say which group they concern.
//!
//! In a kernel thread, for the events come in any context. Each namespace has its own account of what has
//! happened ([`Reconciler`](crate::sys::reconciler::Reconciler)) and waits for its turn in one queue. RTNL is
//! held for a step of [`STEP`] groups, after which the namespace goes to the end of the queue: nobody waits
//! for more than a step of each namespace where something has happened, however many groups that has.

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

/// Groups that are looked at in one step.
const STEP: usize = 256;

/// After an event in `net`. Any context.
pub(crate) fn soon(net: &Net) {
    if net.has_groups() {
        net.reconciler().soon();
    }
}

/// After a device of `net` has begun to be numbered, which may come to nothing, without an event. Any context.
pub(crate) fn after_numbering(net: &Net) {
    net.reconciler().soon();
}

/// One step of the pass over the groups of `net`, or the first of a new one.
///
/// In the namespace's work.
pub(crate) fn run(net: &Net) {
    let mut passing = net.reconciler().pass();
    let pass = passing.take().unwrap_or_else(|| begin(net));
    *passing = step(net, pass);
}

/// A pass answers all events of before, and all that has to be tried again. Whoever was to number a device has
/// done so.
fn begin(net: &Net) -> Pass<Identity> {
    numbering::over(&Rtnl::lock());
    net.reconciler().take_again();
    Pass::begin(net.reconciler().events())
}

/// Looks at some groups, and asks for what is to come. Returns what is left of the pass.
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
