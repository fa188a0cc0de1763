// SPDX-License-Identifier: GPL-2.0

//! Every event against two who join and one who leaves; and what is found when the publish lock is left
//! out, or C is at work.

use super::{
    addrconf::{Event, TABLE},
    program::Program,
};
use crate::{
    decide::admission::Policy,
    entry::events::Events,
    explorer::{self, explore, Actor, Explored, Failure},
    fake::{
        fault::{self, Fault},
        world::{with, Flaw, World},
    },
    group::{
        numbering::EXPECTED,
        ownership,
        quota::USERS,
        reconcile,
        registry::{self, CLOSING, TABLES},
    },
    store::index::OnlyRust,
    sys::{
        livepatch::Livepatch, net::Net, net_device::look_early, notifiers, once::Once, rtnl::Rtnl,
    },
};
use kernel::{stage, sync};
use std::task::Poll;

/// The one who leaves, a member at the beginning.
const LEAVER: usize = 2;
/// The number of the actor by whom the event happens.
const EVENT: usize = 3;

fn play(
    by: Program,
    event: Event,
    matters: fn(&Fault) -> bool,
) -> Result<Explored, Failure<Fault>> {
    play_in(World::new(), by, event, matters)
}

fn play_in(
    world: World,
    by: Program,
    event: Event,
    matters: fn(&Fault) -> bool,
) -> Result<Explored, Failure<Fault>> {
    let name = format!("{event:?} by {by:?}");
    let begin = Box::new(move || {
        begin(&world, by, event);
        cast(by, event)
    });
    let world = explorer::World {
        begin,
        digest: || with(|world| stage::digest(world)),
        fault: || with(|world| world.first_fault.or_else(|| fault::meanwhile(world))),
        fault_at_rest: || with(|world| fault::of_quiet(world)),
    };
    explore(&name, world, matters)
}

/// The last socket is a member, and the side tables are filled.
fn begin(world: &World, by: Program, event: Event) {
    load(world);
    // Who joined by C has asked for privilege.
    if world.privileged {
        Program::C.join(LEAVER);
    }
    if by.has_tables() {
        adopt();
    }
    if !world.privileged {
        by.join(LEAVER);
    }
    with(|world| {
        world.heard = by.has_tables();
        world.scope = event.scope();
        world.busy = 4;
    });
    sync::set_busy(event.scope().addresses);
    if let Program::Flawed(flaw) = by {
        leave_out(flaw);
    }
    if by == Program::C {
        notifiers::begin();
    }
}

/// What `variant::livepatch` does when the module comes.
pub(crate) fn load(world: &World) {
    static PATCH: Livepatch = Livepatch;
    world.begin();
    notifiers::begin();
    // SAFETY: Nothing else of the module has run.
    unsafe {
        TABLES.init();
        USERS.init();
        EXPECTED.init();
    }
    assert!(Events::listen(Policy::Nothing, Once::new(), Once::new()).is_ok());
    ownership::begin(&PATCH, &CLOSING);
}

/// All tasks have left C.
pub(crate) fn adopt() {
    registry::want(OnlyRust::new());
    registry::adopt(&Rtnl::lock()).expect("there is memory");
}

pub(crate) fn leave_out(flaw: Flaw) {
    const PUBLISH: &str = "anycast6 publish";
    with(|world| world.flaw = Some(flaw));
    sync::set_flaw(match flaw {
        Flaw::NoPublishLock => sync::Flaw::Open(PUBLISH),
        Flaw::NoTablesLock => sync::Flaw::Open("takes TABLES"),
        Flaw::NotExpected => sync::Flaw::Blind,
        Flaw::ExpectedReadLate => sync::Flaw::Before(look_early),
        Flaw::AgreesUnlocked => sync::Flaw::OpenTo(PUBLISH, EVENT),
        _ => sync::Flaw::None,
    });
}

fn cast(by: Program, event: Event) -> Vec<Actor> {
    let mut actors = vec![
        Actor::new("first joiner", finishing(move || by.join(0))),
        Actor::new("second joiner", finishing(move || by.join(1))),
        Actor::new("leaver", finishing(move || by.leave(LEAVER))),
        Actor::new("event", finishing(move || event.happen(by))),
        Actor::new("last", move || last(by)),
    ];
    if by.has_tables() {
        actors.push(Actor::server("worker", work));
    }
    actors
}

fn finishing(action: impl FnOnce()) -> impl FnOnce() {
    || {
        action();
        with(|world| world.busy -= 1);
        stage::forget("done");
    }
}

/// The work of the namespace, in a kernel thread.
fn work() {
    loop {
        stage::forget("idle");
        stage::act("begins", || {
            with(|world| match world.is_due() {
                false => Poll::Pending,
                true => {
                    world.work = Default::default();
                    world.busy += 1;
                    Poll::Ready(())
                }
            })
        });
        reconcile::run(Net::nth(0));
        with(|world| world.busy -= 1);
    }
}

/// When all has come to rest, everybody leaves.
fn last(by: Program) {
    stage::act("finds all at rest", || {
        with(|world| match world.is_quiet() {
            false => Poll::Pending,
            true => {
                if let Some(fault) = fault::of_quiet(world) {
                    world.blame(fault);
                }
                Poll::Ready(())
            }
        })
    });
    for socket in 0..=LEAVER {
        stage::forget(("lets leave", socket));
        by.leave(socket);
    }
    stage::forget("all have left");
}

/// The module keeps its promise, in at least so many states, and does all of `actions`.
fn check(event: Event, states: usize, actions: &[&'static str]) {
    check_in(World::new(), event, states, actions);
}

fn check_in(world: World, event: Event, states: usize, actions: &[&'static str]) {
    let explored = play_in(world, Program::Module, event, |_| true).unwrap();
    assert!(explored.states >= states, "{explored:?}");
    for action in actions {
        assert!(
            explored.actions.contains(action),
            "never {action}: {explored:?}"
        );
    }
}

const COME: [&str; 4] = [
    "lists the group",
    "inserts the route",
    "joins the solicited-node group",
    "tells of a new group",
];
const GO: [&str; 4] = [
    "takes the group off the list",
    "deletes the route",
    "leaves the solicited-node group",
    "tells of the end of a group",
];

#[test]
fn nothing_happens() {
    check(Event::Nothing, 130, &[COME, GO].concat());
}

#[test]
fn down_and_up() {
    check(Event::DownUp, 93_000, &[COME, GO].concat());
}

#[test]
fn down() {
    check(Event::Down, 17_500, &[COME, GO].concat());
}

#[test]
fn disabled_and_enabled() {
    check(Event::DisabledEnabled, 195_000, &[COME, GO].concat());
}

#[test]
fn ipv6_gone_and_back() {
    check(Event::GoneBack, 262_000, &[COME, GO].concat());
}

#[test]
fn device_unregistered() {
    check(Event::Unregistered, 36_000, &["counts what was lost"]);
}

#[test]
fn route_deleted() {
    check(Event::RouteDeleted, 4_600, &["replaces the group"]);
}

#[test]
fn route_deleted_twice() {
    check(Event::RouteDeletedTwice, 60_000, &["replaces the group"]);
}

#[test]
fn up_without_memory() {
    check(Event::UpWithoutMemory, 210_000, &["asks for another try"]);
}

/// Privileged holders keep the address away, or come too late.
#[test]
fn numbered() {
    check(Event::Numbered, 1_400, &["adds the address"]);
}

#[test]
fn numbered_and_back() {
    check(Event::NumberedAndBack, 32_000, &["takes the address away"]);
}

/// Others yield at once, and return.
#[test]
fn numbered_against_the_unprivileged() {
    let world = World::unprivileged();
    check_in(world, Event::Numbered, 8_000, &GO);
}

#[test]
fn numbered_and_back_against_the_unprivileged() {
    let world = World::unprivileged();
    check_in(world, Event::NumberedAndBack, 330_000, &[COME, GO].concat());
}

#[test]
fn numbered_in_vain() {
    let world = World::unprivileged();
    check_in(world, Event::NumberedInVain, 9_400, &[COME, GO].concat());
}

/// The route of the address may come in vain while the group's is there still, and the last one leave then.
#[test]
fn advertised() {
    let served = ["gives the address its route"];
    let all = [&COME[..], &GO, &served].concat();
    check(Event::Advertised, 23_000, &all);
}

#[test]
fn advertised_and_back() {
    check(Event::AdvertisedAndBack, 288_000, &[COME, GO].concat());
}

/// A namespace that exports its groups.
fn exporting() -> World {
    World {
        export_table: TABLE,
        ..World::new()
    }
}

const EXPORTS: [&str; 1] = ["makes a blackhole"];

/// Each group that is listed is exported, and no other ever is.
#[test]
fn exported_and_nothing_happens() {
    check_in(exporting(), Event::Nothing, 170, &[COME, GO].concat());
}

#[test]
fn exported_down_and_up() {
    check_in(exporting(), Event::DownUp, 190_000, &EXPORTS);
}

#[test]
fn exported_numbered() {
    let world = World {
        privileged: false,
        ..exporting()
    };
    check_in(world, Event::Numbered, 9_500, &EXPORTS);
}

#[test]
fn export_deleted() {
    check_in(exporting(), Event::ExportDeleted, 9_900, &EXPORTS);
}

#[test]
fn exported_up_without_memory() {
    check_in(exporting(), Event::UpWithoutMemory, 340_000, &EXPORTS);
}

#[test]
fn export_table_changed() {
    check_in(exporting(), Event::TableChanged, 74_000, &EXPORTS);
}

#[test]
fn without_a_pass_exports_stay_in_the_old_table() {
    let unheard = Program::Flawed(Flaw::TableUnheard);
    let stale = |fault: &Fault| *fault == Fault::StaleExport;
    let failure = play_in(exporting(), unheard, Event::TableChanged, stale).unwrap_err();
    assert_eq!(failure.fault, Some(Fault::StaleExport), "{failure:?}");
}

#[test]
fn suspended() {
    check(Event::Suspended, 550, &[COME, GO].concat());
}

#[test]
fn suspended_and_resumed() {
    check(Event::SuspendedAndResumed, 1_100, &[COME, GO].concat());
}

/// It is resumed while the device is down, and published when that comes up.
#[test]
fn suspended_down_and_up() {
    check(Event::SuspendedDownUp, 58_000, &[COME, GO].concat());
}

#[test]
fn drained() {
    check(Event::Drained, 4_000, &[COME, GO].concat());
}

#[test]
fn drained_and_resumed() {
    check(Event::DrainedAndResumed, 2_800, &[COME, GO].concat());
}

#[test]
fn without_the_alarm_a_drain_does_not_end() {
    let deaf = Program::Flawed(Flaw::Unalarmed);
    check_broken(deaf, Event::Drained, Fault::Overdue, |&fault| {
        fault == Fault::Overdue
    });
}

/// The export goes with the beginning of the drain.
#[test]
fn exported_and_drained() {
    check_in(exporting(), Event::Drained, 4_500, &EXPORTS);
}

#[test]
fn leased() {
    check(Event::Leased, 1_800, &[COME, GO].concat());
}

#[test]
fn leased_again() {
    check(Event::LeasedAgain, 3_000, &[COME, GO].concat());
}

fn both_won(fault: &Fault) -> bool {
    *fault == Fault::BothWon
}

/// B7, in the window between the question and the answer.
#[test]
fn without_the_expectation_both_win() {
    let blind = Program::Flawed(Flaw::NotExpected);
    check_broken(blind, Event::Numbered, Fault::BothWon, both_won);
}

#[test]
fn looking_for_the_address_first_both_win() {
    let late = Program::Flawed(Flaw::ExpectedReadLate);
    check_broken(late, Event::Numbered, Fault::BothWon, both_won);
}

#[test]
fn agreeing_without_the_publish_lock_both_win() {
    let unlocked = Program::Flawed(Flaw::AgreesUnlocked);
    check_broken(unlocked, Event::Numbered, Fault::BothWon, both_won);
}

/// The group's route was in the way of the address's own.
#[test]
fn without_help_an_advertised_address_has_no_route() {
    let idle = Program::Flawed(Flaw::NotServed);
    check_broken(idle, Event::Advertised, Fault::Unserved, |&fault| {
        fault == Fault::Unserved
    });
}

/// B7 again.
#[test]
fn c_has_both() {
    check_broken(Program::C, Event::Numbered, Fault::BothWon, both_won);
}

/// What `by` breaks at `event`.
fn check_broken(by: Program, event: Event, fault: Fault, matters: fn(&Fault) -> bool) {
    let failure = play(by, event, matters).unwrap_err();
    assert_eq!(failure.fault, Some(fault), "{failure:?}");
}

fn is_black_hole(fault: &Fault) -> bool {
    *fault == Fault::BlackHole
}

/// The joiner finds the group on no list, where the leaver has just taken it from.
#[test]
fn without_the_publish_lock_groups_seem_to_be_somebody_elses() {
    check_broken(
        Program::Flawed(Flaw::NoPublishLock),
        Event::Nothing,
        Fault::Disowned,
        |&fault| fault == Fault::Disowned,
    );
}

/// B2 is none either while there are no side tables.
#[test]
fn in_a_transition_nothing_happens() {
    let explored = play(Program::Transition, Event::Nothing, |_| true).unwrap();
    assert!(explored.states >= 48, "{explored:?}");
}

/// B2: the joiner finds the leaver's route, which the leaver then deletes.
#[test]
fn without_the_lock_of_the_tables_there_is_a_black_hole() {
    check_broken(
        Program::Flawed(Flaw::NoTablesLock),
        Event::Nothing,
        Fault::BlackHole,
        is_black_hole,
    );
}

/// The second deletion comes when the worker has mended the first.
#[test]
fn without_reading_the_events_first_one_is_missed() {
    let late = Program::Flawed(Flaw::EventsReadLate);
    check_broken(
        late,
        Event::RouteDeletedTwice,
        Fault::BlackHole,
        is_black_hole,
    );
}

/// B2 again.
#[test]
fn c_has_a_black_hole_when_a_join_meets_the_last_leave() {
    check_broken(Program::C, Event::Nothing, Fault::BlackHole, is_black_hole);
}

/// B1.
#[test]
fn c_has_a_black_hole_after_down_and_up() {
    check_broken(Program::C, Event::DownUp, Fault::BlackHole, is_black_hole);
}

/// B5.
#[test]
fn c_loses_groups_when_ipv6_goes_and_returns() {
    check_broken(Program::C, Event::GoneBack, Fault::Unlisted, |&fault| {
        fault == Fault::Unlisted
    });
}

/// B6.
#[test]
fn c_does_not_mind_a_deleted_route() {
    check_broken(
        Program::C,
        Event::RouteDeleted,
        Fault::BlackHole,
        is_black_hole,
    );
}
