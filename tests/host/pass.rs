// SPDX-License-Identifier: GPL-2.0

//! A pass over all groups of a namespace.

use crate::{
    decide::pass::{End, Next, Pass},
    properties::config,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn a_pass_goes_from_device_to_device() {
    let mut pass = Pass::begin(0);
    assert_eq!(pass.next(), Next::First);
    pass.went(3, 0, true);
    assert_eq!(pass.next(), Next::Behind(3));
    pass.went(5, 7, true);
    assert_eq!(pass.next(), Next::From(5));
    assert_eq!((pass.left(5), pass.left(6)), (Some(7), None));
}

/// What failed once stays to be done, however the rest goes.
#[test]
fn a_retry_is_not_forgotten() {
    for later in [true, false] {
        let mut pass = Pass::begin(0);
        pass.went(1, 9, false);
        pass.went(1, 0, later);
        assert_eq!(pass.end(0, false), End::Later, "{later}");
    }
}

#[test]
fn what_follows() {
    for (answered, events) in [(4, 4), (4, 5)] {
        for well in [true, false] {
            for again in [true, false] {
                let mut pass = Pass::begin(answered);
                pass.went(1, 9, well);
                pass.went(1, 0, true);
                let expected = match (answered == events, well && !again) {
                    (false, _) => End::Again,
                    (true, false) => End::Later,
                    (true, true) => End::Rest,
                };
                assert_eq!(pass.end(events, again), expected);
            }
        }
    }
}

/// Devices by identity, and the groups of each, as a ledger keeps them.
type Devices = BTreeMap<u8, Vec<u8>>;

#[derive(Clone, Debug)]
enum Change {
    Join(u8, u8),
    Leave(u8, u8),
    End(u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..4_u8, 100..200_u8).prop_map(|(device, group)| Change::Join(device, group)),
        (0..4_u8, 0..30_u8).prop_map(|(device, group)| Change::Leave(device, group)),
        (0..4_u8).prop_map(Change::End),
    ]
}

fn apply(devices: &mut Devices, change: &Change) {
    match *change {
        Change::Join(device, group) => devices.entry(device).or_default().push(group),
        Change::Leave(device, group) => {
            let groups = devices.entry(device).or_default();
            groups
                .iter()
                .position(|&held| held == group)
                .map(|place| groups.swap_remove(place));
        }
        Change::End(device) => {
            devices.remove(&device);
        }
    }
}

/// Where `src/group/registry.rs` goes on.
fn find(devices: &Devices, next: Next<u8>) -> Option<u8> {
    let first = match next {
        Next::First => 0,
        Next::From(device) => device,
        Next::Behind(device) => device + 1,
    };
    devices.range(first..).map(|(&device, _)| device).next()
}

proptest! {
    #![proptest_config(config())]

    /// Whatever comes and goes between two steps: each group that is there all the time is seen, and a
    /// pass ends.
    #[test]
    fn none_is_missed(
        groups in prop::collection::vec((0..4_u8, 0..30_u8), 0..40),
        changes in prop::collection::vec(change(), 0..30),
        step in 1..5_usize,
    ) {
        let mut devices = Devices::new();
        for (device, group) in groups {
            devices.entry(device).or_default().push(group);
        }
        let mut stayed: Vec<_> =
            devices.iter().flat_map(|(&device, held)| held.iter().map(move |&g| (device, g))).collect();
        let (mut pass, mut seen, mut changes) = (Pass::begin(0), Vec::new(), changes.iter());
        let mut steps = 0..1000;
        while let Some(device) = find(&devices, pass.next()) {
            let held = &devices[&device];
            let end = pass.left(device).unwrap_or(usize::MAX).min(held.len());
            let begin = end.saturating_sub(step);
            seen.extend(held[begin..end].iter().map(|&group| (device, group)));
            pass.went(device, begin, true);
            if let Some(change) = changes.next() {
                apply(&mut devices, change);
                stayed.retain(|(device, group)| {
                    devices.get(device).is_some_and(|held| held.contains(group))
                });
            }
            prop_assert!(steps.next().is_some(), "it does not end");
        }
        for group in stayed {
            prop_assert!(seen.contains(&group), "{group:?} is missing in {seen:?}");
        }
    }
}
