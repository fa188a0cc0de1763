// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6`: device by device, newest group first.
//!
//! Process context. The RCU read lock is held from `start` to `stop`.

use crate::{
    decide::proc_line::ProcLine,
    store::{
        index,
        seq::Position, //
    },
    sys::{
        net::Net,
        net_device::NetDevice, //
    },
};
use kernel::sync::rcu;

/// Line number `line` of the file, counted from zero.
pub(crate) fn nth<'r>(net: &Net, line: u64, rcu: &'r rcu::Guard) -> Option<Position<'r>> {
    resume(net, line, rcu).or_else(|| {
        let mut position = first_from(net.devices(rcu).next()?, rcu);
        for _ in 0..line {
            position = next(position?, rcu);
        }
        position
    })
}

/// Line number `line`, if a reader has stopped there and the file has not changed since.
fn resume<'r>(net: &Net, line: u64, rcu: &'r rcu::Guard) -> Option<Position<'r>> {
    let (device_identity, addr) = net.listing().resume(line)?;
    index::in_net(net, &addr, rcu)
        .filter_map(|entry| entry.listed(rcu))
        .find_map(|group| {
            let device = group.device(rcu)?;
            (device.identity() == device_identity).then_some(Position { device, group })
        })
}

/// A reader stops at `position`, which is line number `line`. Remembered only while the index is
/// complete.
pub(crate) fn stopped(net: &Net, line: u64, position: Position<'_>) {
    if index::is_complete() {
        let place = (position.device.identity(), position.group.addr());
        net.listing().stop(line, place);
    }
}

/// The line after `position`.
pub(crate) fn next<'r>(position: Position<'r>, rcu: &'r rcu::Guard) -> Option<Position<'r>> {
    match position.group.next(rcu) {
        Some(group) => Some(Position { group, ..position }),
        None => first_from(position.device.next(rcu)?, rcu),
    }
}

/// The text of a line, line feed included.
pub(crate) fn line(position: Position<'_>) -> ProcLine {
    ProcLine::new(
        position.device.ifindex(),
        position.device.name().as_bytes(),
        &position.group.addr(),
        position.group.users().as_raw(),
    )
}

/// The newest group of `device`, or of the first device after it that has groups.
fn first_from<'r>(mut device: &'r NetDevice, rcu: &'r rcu::Guard) -> Option<Position<'r>> {
    loop {
        let youngest = device
            .ipv6_rcu(rcu)
            .and_then(|idev| idev.groups(rcu).next());
        if let Some(group) = youngest {
            return Some(Position { device, group });
        }
        device = device.next(rcu)?;
    }
}
