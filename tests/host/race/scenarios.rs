// SPDX-License-Identifier: GPL-2.0

//! Every event against two who join and one who leaves; and what is found when the publish lock is left
//! out, or C is at work.

use super::{
    addrconf::Event,
    fault::{self, Fault},
    kernel::Kernel,
    module::Flaw,
    program::{By, Program},
};
use crate::explorer::{explore, Actor, Explored, Failure, Stage};
use std::{future::Future, rc::Rc, task::Poll};

/// The one who leaves, a member at the beginning.
const LEAVER: usize = 2;

fn play(by: By, event: Event, matters: fn(&Fault) -> bool) -> Result<Explored, Failure<Fault>> {
    play_in(Kernel::new(), by, event, matters)
}

fn play_in(
    kernel: Kernel,
    by: By,
    event: Event,
    matters: fn(&Fault) -> bool,
) -> Result<Explored, Failure<Fault>> {
    let name = format!("{event:?} by {by:?}");
    let mut kernel = kernel.with_member();
    if by != By::C {
        kernel = kernel.adopted();
    }
    kernel.busy = 4;
    explore(&name, kernel, |stage| cast(stage, by, event), matters)
}

fn cast(stage: &Rc<Stage<Kernel>>, by: By, event: Event) -> Vec<Actor> {
    let program = Rc::new(Program::new(by, stage));
    let joiner = |socket| {
        let program = program.clone();
        async move { program.join(socket).await }
    };
    let leaver = {
        let program = program.clone();
        async move { program.leave(LEAVER).await }
    };
    let event = {
        let (stage, program) = (stage.clone(), program.clone());
        async move { event.happen(&stage, &program).await }
    };
    let mut actors = vec![
        Actor::new("first joiner", finishing(stage, joiner(0))),
        Actor::new("second joiner", finishing(stage, joiner(1))),
        Actor::new("leaver", finishing(stage, leaver)),
        Actor::new("event", finishing(stage, event)),
        Actor::new("last", last(stage.clone(), program.clone())),
    ];
    if let Program::Module(module) = &*program {
        actors.push(Actor::server("worker", module.clone().reconcile()));
    }
    actors
}

fn finishing(
    stage: &Rc<Stage<Kernel>>,
    action: impl Future<Output = ()>,
) -> impl Future<Output = ()> {
    let stage = stage.clone();
    async move {
        action.await;
        stage.at_once("is done", |k| k.busy -= 1);
        stage.forget("done");
    }
}

/// When all has come to rest, everybody leaves.
async fn last(stage: Rc<Stage<Kernel>>, program: Rc<Program>) {
    let look = |k: &mut Kernel| match k.is_quiet() {
        false => Poll::Pending,
        true => {
            if let Some(fault) = fault::of_quiet(k) {
                k.blame(fault);
            }
            Poll::Ready(())
        }
    };
    stage.act("finds all at rest", look).await;
    for socket in 0..=LEAVER {
        stage.forget(("lets leave", socket));
        program.leave(socket).await;
    }
}

/// The module keeps its promise, in at least so many states, and does all of `actions`.
fn check(event: Event, states: usize, actions: &[&'static str]) {
    check_in(Kernel::new(), event, states, actions);
}

fn check_in(kernel: Kernel, event: Event, states: usize, actions: &[&'static str]) {
    let explored = play_in(kernel, By::Module, event, |_| true).unwrap();
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
    check(Event::Nothing, 330, &[COME, GO].concat());
}

#[test]
fn down_and_up() {
    check(Event::DownUp, 33_000, &[COME, GO].concat());
}

#[test]
fn down() {
    check(Event::Down, 15_000, &[COME, GO].concat());
}

#[test]
fn disabled_and_enabled() {
    check(Event::DisabledEnabled, 92_000, &[COME, GO].concat());
}

#[test]
fn ipv6_gone_and_back() {
    check(Event::GoneBack, 78_000, &[COME, GO].concat());
}

#[test]
fn device_unregistered() {
    check(Event::Unregistered, 29_000, &["buries the ledger"]);
}

#[test]
fn route_deleted() {
    check(Event::RouteDeleted, 6_700, &["replaces the group"]);
}

#[test]
fn route_deleted_twice() {
    check(Event::RouteDeletedTwice, 62_000, &["replaces the group"]);
}

#[test]
fn up_without_memory() {
    check(Event::UpWithoutMemory, 72_000, &["asks for another try"]);
}

/// Privileged holders keep the address away, or come too late.
#[test]
fn numbered() {
    check(Event::Numbered, 2_300, &["adds the address"]);
}

#[test]
fn numbered_and_back() {
    check(Event::NumberedAndBack, 15_000, &["takes the address away"]);
}

/// Others yield at once, and return.
#[test]
fn numbered_against_the_unprivileged() {
    let kernel = Kernel::new().unprivileged();
    check_in(kernel, Event::Numbered, 9_000, &GO);
}

#[test]
fn numbered_and_back_against_the_unprivileged() {
    let kernel = Kernel::new().unprivileged();
    check_in(kernel, Event::NumberedAndBack, 95_000, &[COME, GO].concat());
}

#[test]
fn numbered_in_vain() {
    let kernel = Kernel::new().unprivileged();
    check_in(kernel, Event::NumberedInVain, 6_400, &[COME, GO].concat());
}

#[test]
fn advertised() {
    let served = ["gives the address its route"];
    check(Event::Advertised, 19_000, &[&GO[..], &served].concat());
}

#[test]
fn advertised_and_back() {
    check(Event::AdvertisedAndBack, 115_000, &[COME, GO].concat());
}

fn both_won(fault: &Fault) -> bool {
    *fault == Fault::BothWon
}

/// B7, in the window between the question and the answer.
#[test]
fn without_the_expectation_both_win() {
    let blind = By::Flawed(Flaw::NotExpected);
    check_broken(blind, Event::Numbered, Fault::BothWon, both_won);
}

#[test]
fn looking_for_the_address_first_both_win() {
    let late = By::Flawed(Flaw::ExpectedReadLate);
    check_broken(late, Event::Numbered, Fault::BothWon, both_won);
}

#[test]
fn agreeing_without_the_publish_lock_both_win() {
    let unlocked = By::Flawed(Flaw::AgreesUnlocked);
    check_broken(unlocked, Event::Numbered, Fault::BothWon, both_won);
}

/// The group's route was in the way of the address's own.
#[test]
fn without_help_an_advertised_address_has_no_route() {
    let idle = By::Flawed(Flaw::NotServed);
    check_broken(idle, Event::Advertised, Fault::Unserved, |&fault| {
        fault == Fault::Unserved
    });
}

/// B7 again.
#[test]
fn c_has_both() {
    check_broken(By::C, Event::Numbered, Fault::BothWon, both_won);
}

/// What `by` breaks at `event`.
fn check_broken(by: By, event: Event, fault: Fault, matters: fn(&Fault) -> bool) {
    let failure = play(by, event, matters).unwrap_err();
    assert_eq!(failure.fault, Some(fault), "{failure:?}");
}

fn is_black_hole(fault: &Fault) -> bool {
    *fault == Fault::BlackHole
}

/// B2: the joiner finds the leaver's route, which the leaver then deletes.
#[test]
fn without_the_publish_lock_there_is_a_black_hole() {
    check_broken(
        By::Flawed(Flaw::NoPublishLock),
        Event::Nothing,
        Fault::BlackHole,
        is_black_hole,
    );
}

/// The second deletion comes when the worker has mended the first.
#[test]
fn without_reading_the_events_first_one_is_missed() {
    let late = By::Flawed(Flaw::EventsReadLate);
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
    check_broken(By::C, Event::Nothing, Fault::BlackHole, is_black_hole);
}

/// B1.
#[test]
fn c_has_a_black_hole_after_down_and_up() {
    check_broken(By::C, Event::DownUp, Fault::BlackHole, is_black_hole);
}

/// B5.
#[test]
fn c_loses_groups_when_ipv6_goes_and_returns() {
    check_broken(By::C, Event::GoneBack, Fault::Unlisted, |&fault| {
        fault == Fault::Unlisted
    });
}

/// B6.
#[test]
fn c_does_not_mind_a_deleted_route() {
    check_broken(By::C, Event::RouteDeleted, Fault::BlackHole, is_black_hole);
}
