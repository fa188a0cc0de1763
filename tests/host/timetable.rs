// SPDX-License-Identifier: GPL-2.0

//! When groups have something to do, against a plain list of it.

use crate::{group::timetable::Timetable, properties::config};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SLOTS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    /// A user asks for something that ends at a time, or that does not end.
    Ask(usize, Option<u64>),
    /// It is this late, and those whose time has come get another one, or none.
    Expire(u64, Option<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    let time = || prop::option::of(0..9_u64);
    prop_oneof![
        (0..SLOTS, time()).prop_map(|(slot, time)| Step::Ask(slot, time)),
        (0..9_u64, time()).prop_map(|(now, time)| Step::Expire(now, time)),
    ]
}

fn note(expected: &mut BTreeMap<usize, u64>, slot: usize, time: Option<u64>) {
    match time {
        Some(time) => expected.insert(slot, time),
        None => expected.remove(&slot),
    };
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn times_come_in_order(steps in prop::collection::vec(step(), 0..30)) {
        let (mut times, mut expected) = (Timetable::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Ask(slot, time) => {
                    times.make_room().expect("memory");
                    times.set(slot, time);
                    note(&mut expected, slot, time);
                }
                Step::Expire(now, again) => {
                    let again = again.filter(|&time| time > now);
                    while let Some(slot) = times.take_due(now) {
                        prop_assert_eq!(expected.get(&slot), expected.values().min());
                        prop_assert!(expected[&slot] <= now);
                        times.set(slot, again);
                        note(&mut expected, slot, again);
                    }
                    prop_assert!(expected.values().all(|&time| time > now));
                }
            }
            prop_assert_eq!(times.next(), expected.values().copied().min());
        }
    }
}
