// SPDX-License-Identifier: GPL-2.0

//! Every state of a group under every sight of it, and what repeated steps come to.

use crate::{
    decide::{
        lifecycle::{condition, step, Condition, Observed, State, Step},
        service::Phase,
    },
    properties::config,
};
use proptest::prelude::*;

const STATES: [State; 3] = [State::Dormant, State::Draining, State::Published];
const PHASES: [Phase; 4] = [
    Phase::Serving,
    Phase::Draining,
    Phase::Parting,
    Phase::Suspended,
];

fn sights() -> impl Iterator<Item = Observed> {
    PHASES.into_iter().flat_map(|phase| {
        (0..64).map(move |bits| Observed {
            held: bits & 1 != 0,
            carried: bits & 2 != 0,
            yields: bits & 4 != 0,
            reachable: bits & 8 != 0,
            wanted: bits & 16 != 0,
            exported: bits & 32 != 0,
            phase,
        })
    })
}

fn sight([held, carried, yields, reachable]: [bool; 4], phase: Phase) -> Observed {
    Observed {
        held,
        carried,
        wanted: true,
        yields,
        phase,
        reachable,
        exported: true,
    }
}

fn check_step(state: State, seen: [bool; 4], expected: Option<Step>) {
    let sight = sight(seen, Phase::Serving);
    assert_eq!(step(state, sight), expected, "{state:?} {sight:?}");
}

/// What a group becomes that is held, carried and does not yield.
fn check_phase(state: State, phase: Phase, reachable: bool, expected: Option<Step>) {
    let sight = sight([true, true, false, reachable], phase);
    assert_eq!(step(state, sight), expected, "{state:?} {sight:?}");
}

#[test]
fn every_state_in_every_phase() {
    use Phase::*;
    use State::{Dormant, Published};
    use Step::*;
    const DRAINS: State = State::Draining;
    const NO: bool = false;
    const YES: bool = true;
    check_phase(Dormant, Serving, NO, Some(Publish));
    check_phase(Dormant, Draining, NO, Some(Publish));
    check_phase(Dormant, Parting, NO, Some(Publish));
    check_phase(Dormant, Suspended, NO, None);
    check_phase(DRAINS, Serving, NO, Some(Resume));
    check_phase(DRAINS, Serving, YES, Some(Resume));
    check_phase(DRAINS, Draining, NO, Some(Repair));
    check_phase(DRAINS, Draining, YES, None);
    check_phase(DRAINS, Parting, NO, Some(Repair));
    check_phase(DRAINS, Parting, YES, None);
    check_phase(DRAINS, Suspended, NO, Some(Hide));
    check_phase(DRAINS, Suspended, YES, Some(Hide));
    check_phase(Published, Serving, NO, Some(Repair));
    check_phase(Published, Serving, YES, None);
    check_phase(Published, Draining, NO, Some(Drain));
    check_phase(Published, Draining, YES, Some(Drain));
    check_phase(Published, Parting, NO, Some(Drain));
    check_phase(Published, Parting, YES, Some(Drain));
    check_phase(Published, Suspended, NO, Some(Hide));
    check_phase(Published, Suspended, YES, Some(Hide));
}

/// A group that is suspended is as one that yields, and so is one that drains where it cannot be.
#[test]
fn suspended_is_as_yielding() {
    for state in STATES {
        for sight in sights().filter(|sight| sight.phase == Phase::Suspended) {
            let yielding = Observed {
                phase: Phase::Serving,
                yields: true,
                ..sight
            };
            assert_eq!(step(state, sight), step(state, yielding), "{sight:?}");
        }
    }
}

/// What is seen of a group that is not listed: the first reason that counts.
#[test]
fn every_condition() {
    for sight in sights() {
        let listed = |state| condition(state, || panic!("it does not matter"));
        assert_eq!(listed(State::Published), Condition::Published);
        assert_eq!(listed(State::Draining), Condition::Draining);
        let expected = if sight.phase == Phase::Suspended {
            Condition::Suspended
        } else if sight.yields {
            Condition::Yielding
        } else if !sight.wanted {
            Condition::Off
        } else {
            Condition::Dormant
        };
        assert_eq!(condition(State::Dormant, || sight), expected, "{sight:?}");
    }
}

#[test]
fn conditions_have_names() {
    let names = [
        (Condition::Published, "published"),
        (Condition::Draining, "draining"),
        (Condition::Suspended, "suspended"),
        (Condition::Dormant, "dormant"),
        (Condition::Yielding, "yielding"),
        (Condition::Off, "off"),
    ];
    for (condition, name) in names {
        assert_eq!(condition.name(), name);
    }
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
    check_step(Published, [YES, NO, NO, NO], Some(Hide));
    check_step(Published, [YES, NO, NO, YES], Some(Hide));
    check_step(Published, [YES, NO, YES, NO], Some(Hide));
    check_step(Published, [YES, NO, YES, YES], Some(Hide));
    check_step(Published, [YES, YES, NO, NO], Some(Repair));
    check_step(Published, [YES, YES, NO, YES], None);
    check_step(Published, [YES, YES, YES, NO], Some(Hide));
    check_step(Published, [YES, YES, YES, YES], Some(Hide));
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
    exported: bool,
    /// Notifications: one more `RTM_NEWANYCAST` than `RTM_DELANYCAST` while listed.
    told: i32,
}

impl Group {
    const DORMANT: Self = Self {
        state: State::Dormant,
        reachable: false,
        exported: false,
        told: 0,
    };
    const PUBLISHED: Self = Self {
        state: State::Published,
        reachable: true,
        exported: true,
        told: 1,
    };
    const DRAINING: Self = Self {
        state: State::Draining,
        ..Self::PUBLISHED
    };

    /// Any that there may be.
    fn any(state: State, reachable: bool, exported: bool) -> Self {
        match state {
            State::Dormant => Self::DORMANT,
            _ => Self {
                state,
                reachable,
                exported,
                told: 1,
            },
        }
    }
}

/// What the steps are said to do.
fn take(group: Group, step: Step) -> Group {
    match (step, group.state) {
        (Step::Publish, State::Dormant) => Group {
            told: group.told + 1,
            ..Group::PUBLISHED
        },
        (Step::Drain, State::Published) => Group {
            told: group.told,
            reachable: group.reachable,
            ..Group::DRAINING
        },
        (Step::Resume, State::Draining) => Group {
            told: group.told,
            ..Group::PUBLISHED
        },
        (Step::Repair, State::Published | State::Draining) => Group {
            reachable: true,
            exported: true,
            ..group
        },
        (Step::Hide | Step::Withdraw, State::Published | State::Draining) => Group {
            told: group.told - 1,
            ..Group::DORMANT
        },
        (Step::Withdraw, State::Dormant) => group,
        _ => panic!("{step:?} of {group:?}"),
    }
}

/// What is asked of a group.
#[derive(Clone, Copy, Debug)]
struct Asked {
    held: bool,
    carried: bool,
    wanted: bool,
    yields: bool,
    phase: Phase,
}

impl Asked {
    fn of(sight: Observed) -> Self {
        Self {
            held: sight.held,
            carried: sight.carried,
            wanted: sight.wanted,
            yields: sight.yields,
            phase: sight.phase,
        }
    }

    fn sight(self, group: Group) -> Observed {
        Observed {
            held: self.held,
            carried: self.carried,
            wanted: self.wanted,
            yields: self.yields,
            phase: self.phase,
            reachable: group.reachable,
            exported: group.exported,
        }
    }

    /// What has to become of it.
    fn end(self) -> Group {
        if !self.held || !self.carried || !self.wanted || self.yields {
            return Group::DORMANT;
        }
        match self.phase {
            Phase::Serving => Group::PUBLISHED,
            Phase::Draining | Phase::Parting => Group::DRAINING,
            Phase::Suspended => Group::DORMANT,
        }
    }
}

fn settle(mut group: Group, asked: Asked) -> Group {
    for _ in 0..2 {
        match step(group.state, asked.sight(group)) {
            None => return group,
            Some(step) => group = take(group, step),
        }
    }
    group
}

/// Listed, held, wanted and carried by a device that has not the address itself, answered, delivered and told are one,
/// wherever it began; and a drain changes nothing but who is answered.
#[test]
fn two_looks_settle_everything() {
    for state in STATES {
        for sight in sights() {
            let before = Group::any(state, sight.reachable, sight.exported);
            let asked = Asked::of(sight);
            let after = settle(before, asked);
            assert_eq!(after, asked.end(), "from {before:?} under {sight:?}");
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
    Phase(Phase),
    RouteLost,
    ExportLost,
}

fn phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(&PHASES[..])
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::<bool>().prop_map(Event::Held),
        any::<bool>().prop_map(Event::Carried),
        any::<bool>().prop_map(Event::Wanted),
        any::<bool>().prop_map(Event::Yields),
        phase().prop_map(Event::Phase),
        Just(Event::RouteLost),
        Just(Event::ExportLost),
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
        let mut group = Group::DORMANT;
        let mut asked = Asked { held: false, carried: false, wanted: true, yields: false, phase: Phase::Serving };
        for events in rounds {
            for event in events {
                match event {
                    Event::Held(now) => asked.held = now,
                    Event::Carried(now) => asked.carried = now,
                    Event::Wanted(now) => asked.wanted = now,
                    Event::Yields(now) => asked.yields = now,
                    Event::Phase(now) => asked.phase = now,
                    Event::RouteLost => group.reachable = false,
                    Event::ExportLost => group.exported = false,
                }
            }
            group = settle(group, asked);
            let end = asked.end();
            prop_assert_eq!(group.state, end.state);
            prop_assert_eq!(group.told, end.told);
            prop_assert!(end.state == State::Dormant || group == end);
        }
    }

    /// A step that was taken is not asked for again.
    #[test]
    fn a_step_is_taken_once(
        state in prop::sample::select(&STATES[..]), phase in phase(),
        [reachable, exported, held, carried, wanted, yields]: [bool; 6],
    ) {
        let group = Group::any(state, reachable, exported);
        let asked = Asked { held, carried, wanted, yields, phase };
        if let Some(first) = step(state, asked.sight(group)) {
            let after = take(group, first);
            let again = step(after.state, asked.sight(after));
            prop_assert!(again != Some(first) || first == Step::Withdraw);
        }
    }
}
