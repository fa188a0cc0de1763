// SPDX-License-Identifier: GPL-2.0

//! The alarm of a namespace: a time has come for some of its groups.

use super::registry;
use crate::{
    decide::pass::Next,
    sys::{
        clock,
        net::Net, //
    },
};

/// Settles groups that have something to do by now, and sets the alarm to the next time. That is now if there
/// were many: who waits for a publish lock or for the queue has a turn first. Process context, without locks.
pub(crate) fn ring(net: &Net) {
    let now = clock::now();
    let (mut next, mut earliest) = (Next::First, None::<u64>);
    while let Some((device, groups)) = registry::next(net, next) {
        let time = groups.expire(now);
        earliest = [earliest, time].into_iter().flatten().min();
        next = Next::Behind(device);
    }
    if let Some(time) = earliest {
        net.alarm().after(time.saturating_sub(now));
    }
}
