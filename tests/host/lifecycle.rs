// SPDX-License-Identifier: GPL-2.0

//! Every state of a group under every sight of it, and what repeated steps come to.

use crate::{
    decide::lifecycle::{step, Observed, State, Step},
    properties::config,
};
use proptest::prelude::*;

const STATES: [State; 2] = [State::Dormant, State::Published];

fn sights() -> impl Iterator<Item = Observed> {
    (0..64).map(|bits| Observed {
        held: bits & 1 != 0,
        carried: bits & 2 != 0,
        yields: bits & 4 != 0,
        reachable: bits & 8 != 0,
        wanted: bits & 16 != 0,
        exported: bits & 32 != 0,
    })
}

fn check_step(state: State, [held, carried, yields, reachable]: [bool; 4], expected: Option<Step>) {
    let sight = Observed {
        held,
        carried,
        wanted: true,
        yields,
        reachable,
        exported: true,
    };
    assert_eq!(step(state, sight), expected, "{state:?} {sight:?}");
}

#[test]
fn every_state_under_every_sight() {
    use State::*;
    use Step::*;
    const NO: bool = false;
    const YES: bool = true;
    //           state       held carried yields reachable
    check_step(Dormant, [NO, NO, NO, NO], Some(Withdraw));
    check_step(Dormant, [NO, NO, NO, YES], Some(Withdraw));
    check_step(Dormant, [NO, NO, YES, NO], Some(Withdraw));
    check_step(Dormant, [NO, NO, YES, YES], Some(Withdraw));
    check_step(Dormant, [NO, YES, NO, NO], Some(Withdraw));
    check_step(Dormant, [NO, YES, NO, YES], Some(Withdraw));
    check_step(Dormant, [NO, YES, YES, NO], Some(Withdraw));
    check_step(Dormant, [NO, YES, YES, YES], Some(Withdraw));
    check_step(Dormant, [YES, NO, NO, NO], None);
    check_step(Dormant, [YES, NO, NO, YES], None);
    check_step(Dormant, [YES, NO, YES, NO], None);
    check_step(Dormant, [YES, NO, YES, YES], None);
    check_step(Dormant, [YES, YES, NO, NO], Some(Publish));
    check_step(Dormant, [YES, YES, NO, YES], Some(Publish));
    check_step(Dormant, [YES, YES, YES, NO], None);
    check_step(Dormant, [YES, YES, YES, YES], None);
    check_step(Published, [NO, NO, NO, NO], Some(Withdraw));
    check_step(Published, [NO, NO, NO, YES], Some(Withdraw));
    check_step(Published, [NO, NO, YES, NO], Some(Withdraw));
    check_step(Published, [NO, NO, YES, YES], Some(Withdraw));
    check_step(Published, [NO, YES, NO, NO], Some(Withdraw));
    check_step(Published, [NO, YES, NO, YES], Some(Withdraw));
    check_step(Published, [NO, YES, YES, NO], Some(Withdraw));
    check_step(Published, [NO, YES, YES, YES], Some(Withdraw));
    check_step(Published, [YES, NO, NO, NO], Some(Suspend));
    check_step(Published, [YES, NO, NO, YES], Some(Suspend));
    check_step(Published, [YES, NO, YES, NO], Some(Suspend));
    check_step(Published, [YES, NO, YES, YES], Some(Suspend));
    check_step(Published, [YES, YES, NO, NO], Some(Repair));
    check_step(Published, [YES, YES, NO, YES], None);
    check_step(Published, [YES, YES, YES, NO], Some(Suspend));
    check_step(Published, [YES, YES, YES, YES], Some(Suspend));
}

/// A group that nobody wants is as one that yields.
#[test]
fn switched_off_is_as_yielding() {
    for state in STATES {
        for sight in sights().filter(|sight| !sight.wanted) {
            let yielding = Observed {
                wanted: true,
                yields: true,
                ..sight
            };
            assert_eq!(step(state, sight), step(state, yielding), "{sight:?}");
        }
    }
}

/// A group that is exported wrongly, or not at all, is as one whose packets do not arrive.
#[test]
fn unexported_is_as_unreachable() {
    for state in STATES {
        for sight in sights().filter(|sight| !sight.exported) {
            let unreachable = Observed {
                exported: true,
                reachable: false,
                ..sight
            };
            assert_eq!(step(state, sight), step(state, unreachable), "{sight:?}");
        }
    }
}

/// Others serve the neighbours of a device that could go on, for an address that is not its own.
#[test]
fn what_is_for_others() {
    for sight in sights() {
        assert_eq!(
            sight.is_for_others(),
            sight.carried && !sight.yields,
            "{sight:?}"
        );
    }
}

/// A group as the world has it. A dormant one has no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group {
    state: State,
    reachable: bool,
    /// Notifications: one more `RTM_NEWANYCAST` than `RTM_DELANYCAST` while published.
    told: i32,
}

/// What the steps are said to do.
fn take(group: Group, step: Step) -> Group {
    match (step, group.state) {
        (Step::Publish, State::Dormant) => Group {
            state: State::Published,
            reachable: true,
            told: group.told + 1,
        },
        (Step::Repair, State::Published) => Group {
            reachable: true,
            ..group
        },
        (Step::Suspend | Step::Withdraw, State::Published) => Group {
            state: State::Dormant,
            reachable: false,
            told: group.told - 1,
        },
        (Step::Withdraw, State::Dormant) => group,
        _ => panic!("{step:?} of {group:?}"),
    }
}

fn settle(mut group: Group, [held, carried, wanted, yields]: [bool; 4]) -> Group {
    for _ in 0..2 {
        let sight = Observed {
            held,
            carried,
            wanted,
            yields,
            reachable: group.reachable,
            exported: true,
        };
        match step(group.state, sight) {
            None => return group,
            Some(step) => group = take(group, step),
        }
    }
    group
}

/// Listed, held, wanted and carried by a device that has not the address itself, answered, delivered and told are one,
/// wherever it began.
#[test]
fn two_looks_settle_everything() {
    for state in STATES {
        for sight in sights() {
            let published = state == State::Published;
            let before = Group {
                state,
                reachable: published && sight.reachable,
                told: i32::from(published),
            };
            let asked = [sight.held, sight.carried, sight.wanted, sight.yields];
            let after = settle(before, asked);
            let seen = sight.held && sight.carried && sight.wanted && !sight.yields;
            let expected = Group {
                state: if seen {
                    State::Published
                } else {
                    State::Dormant
                },
                reachable: seen,
                told: i32::from(seen),
            };
            assert_eq!(after, expected, "from {before:?} under {sight:?}");
            assert_eq!(settle(after, asked), after);
        }
    }
}

/// What may happen to a group.
#[derive(Clone, Copy, Debug)]
enum Event {
    Held(bool),
    Carried(bool),
    Wanted(bool),
    Yields(bool),
    RouteLost,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::<bool>().prop_map(Event::Held),
        any::<bool>().prop_map(Event::Carried),
        any::<bool>().prop_map(Event::Wanted),
        any::<bool>().prop_map(Event::Yields),
        Just(Event::RouteLost),
    ]
}

proptest! {
    #![proptest_config(config())]

    /// However much happens before somebody looks, one look and another settle it; and each change of what
    /// the world sees is told once.
    #[test]
    fn whatever_happens_is_settled(
        rounds in prop::collection::vec(prop::collection::vec(event(), 0..5), 0..12),
    ) {
        let mut group = Group { state: State::Dormant, reachable: false, told: 0 };
        let (mut held, mut carried, mut wanted, mut yields) = (false, false, true, false);
        for events in rounds {
            for event in events {
                match event {
                    Event::Held(now) => held = now,
                    Event::Carried(now) => carried = now,
                    Event::Wanted(now) => wanted = now,
                    Event::Yields(now) => yields = now,
                    Event::RouteLost => group.reachable = false,
                }
            }
            group = settle(group, [held, carried, wanted, yields]);
            let seen = held && carried && wanted && !yields;
            prop_assert_eq!(group.state == State::Published, seen);
            prop_assert_eq!(group.reachable, seen);
            prop_assert_eq!(group.told, i32::from(seen));
        }
    }

    /// A step that was taken is not asked for again.
    #[test]
    fn a_step_is_taken_once(published: bool, reachable: bool, held: bool, carried: bool, wanted: bool, yields: bool) {
        let state = if published { State::Published } else { State::Dormant };
        let group = Group { state, reachable: published && reachable, told: i32::from(published) };
        let sight = |group: Group| Observed { held, carried, wanted, yields, reachable: group.reachable, exported: true };
        if let Some(first) = step(state, sight(group)) {
            let after = take(group, first);
            let again = step(after.state, sight(after));
            prop_assert!(again != Some(first) || first == Step::Withdraw);
        }
    }
}
