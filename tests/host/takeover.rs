// SPDX-License-Identifier: GPL-2.0

//! What may meet a takeover or a hand-back: all interleavings of the real code.
//!
//! Functions of C may be at work until the takeover, and again after the hand-back. What the memory model
//! makes of the lists is tried apart, in [`lists`](crate::lists).

use crate::{
    explorer::{self, explore, Actor, Explored, Failure},
    fake::{
        fault::{self, Fault},
        world::{at_once, step, with, Flaw, Scope, World, GROUP},
    },
    group::{
        lookup::{self, Place},
        registry,
    },
    race::{
        program::Program,
        scenarios::{adopt, leave_out, load},
    },
    sys::{net::Net, net_device::NetDevice, notifiers::listeners, rtnl::Rtnl},
};
use kernel::stage;
use std::task::Poll;

/// The actor that takes over or hands back.
pub(crate) const TRANSITION: usize = 0;

/// Who takes part, until all have ended; then `end` looks what has come of it.
struct Scenario {
    name: &'static str,
    begin: fn(),
    transition: fn(),
    others: &'static [(&'static str, fn())],
    end: fn(),
}

/// The last task in C leaves its group, which completes the transition, while another joins in Rust.
const TAKEOVER: Scenario = Scenario {
    name: "takeover",
    begin: || Program::C.join(2),
    transition: || {
        Program::C.leave(2);
        adopt();
    },
    others: &[("joiner", || Program::Module.join(0))],
    end: || {
        expect(Some(1), true);
        Program::Module.leave(0);
        registry::hand_back();
        expect(None, true);
    },
};

/// The only holder leaves in Rust and another joins, while the module hands back; then a task that is in C
/// again joins.
const HAND_BACK: Scenario = Scenario {
    name: "hand back",
    begin: || {
        Program::C.join(2);
        adopt();
    },
    transition: || {
        registry::hand_back();
        Program::C.join(1);
    },
    others: &[
        ("leaver", || Program::Module.leave(2)),
        ("joiner", || Program::Module.join(0)),
    ],
    // C may leave it without a route (B2).
    end: || expect(Some(2), false),
};

/// A group waits for its device, which comes up while the module hands back.
const DORMANT: Scenario = Scenario {
    name: "dormant",
    begin: || {
        adopt();
        with(|world| world.up = false);
        Program::Module.join(0);
    },
    transition: registry::hand_back,
    others: &[("event", || {
        step("brings the device up", |world| world.up = true);
        (listeners().device_changed)(NetDevice::nth(0), Rtnl::held());
    })],
    end: || expect(Some(1), true),
};

/// Packets arrive while the module takes over a group that is held all the time.
const TAKEOVER_SEEN: Scenario = Scenario {
    name: "packets at a takeover",
    begin: || Program::C.join(2),
    transition: adopt,
    others: &[("packet", packet)],
    end: || expect(Some(1), true),
};

/// Packets arrive while the module hands back a group that is held all the time.
const HAND_BACK_SEEN: Scenario = Scenario {
    name: "packets at a hand back",
    begin: || {
        Program::C.join(2);
        adopt();
    },
    transition: registry::hand_back,
    others: &[("packet", packet)],
    end: || expect(Some(1), true),
};

fn is_held() -> bool {
    lookup::is_held(Net::nth(0), Place::Any, &GROUP)
}

fn packet() {
    if !is_held() {
        with(|world| world.blame(Fault::LostPacket));
    }
}

/// So many hold the group, and it is found where packets look. Has it its route?
fn expect(users: Option<i32>, routed: bool) {
    if is_held() != users.is_some() {
        with(|world| world.blame(Fault::LostPacket));
    }
    at_once("looks what has come of it", |world| {
        let listed = world.idevs[0].listed;
        if listed.map(|group| world.groups[group].users) != users {
            world.blame(Fault::Miscounted);
        }
        if routed {
            if let Some(fault) = fault::of_quiet(world) {
                world.blame(fault);
            }
        }
    });
}

fn play(scenario: &'static Scenario, flaw: Option<Flaw>) -> Result<Explored, Failure<Fault>> {
    let begin = move || {
        load(&World::new());
        (scenario.begin)();
        with(|world| {
            world.scope = Scope {
                device: true,
                transition: true,
                ..Scope::default()
            };
            world.busy = scenario.others.len() as u8 + 1;
        });
        if let Some(flaw) = flaw {
            leave_out(flaw);
        }
        let ending = |play: fn()| {
            move || {
                play();
                with(|world| world.busy -= 1);
                stage::forget("done");
            }
        };
        let mut actors = vec![Actor::new("transition", ending(scenario.transition))];
        let others = scenario.others.iter();
        actors.extend(others.map(|&(name, play)| Actor::new(name, ending(play))));
        actors.push(Actor::new("last", || {
            stage::act("waits for the others", || match with(|world| world.busy) {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            });
            (scenario.end)();
        }));
        actors
    };
    let world = explorer::World {
        begin: Box::new(begin),
        digest: || with(|world| stage::digest(world)),
        fault: || with(|world| world.first_fault),
        fault_at_rest: || None,
    };
    let name = match flaw {
        None => scenario.name.to_owned(),
        Some(flaw) => format!("{} by {flaw:?}", scenario.name),
    };
    explore(&name, world, |_| true)
}

fn check(scenario: &'static Scenario, states: usize) {
    let explored = play(scenario, None).unwrap();
    assert!(explored.states >= states, "{explored:?}");
}

fn check_flaw(scenario: &'static Scenario, flaw: Flaw, fault: Fault) {
    let failure = play(scenario, Some(flaw)).unwrap_err();
    assert_eq!(failure.fault, Some(fault), "{failure:?}");
}

#[test]
fn a_takeover_loses_nobody() {
    check(&TAKEOVER, 210);
}

#[test]
fn a_hand_back_loses_nobody() {
    check(&HAND_BACK, 1_050);
}

#[test]
fn a_dormant_group_is_handed_back_once() {
    check(&DORMANT, 68);
}

#[test]
fn a_takeover_loses_no_packet() {
    check(&TAKEOVER_SEEN, 47);
}

#[test]
fn a_hand_back_loses_no_packet() {
    check(&HAND_BACK_SEEN, 25);
}

#[test]
fn adopted_without_the_lock() {
    check_flaw(&TAKEOVER, Flaw::NoTablesLock, Fault::LostPacket);
}

#[test]
fn open_after_the_hand_back() {
    check_flaw(&HAND_BACK, Flaw::LeftOpen, Fault::Miscounted);
}

#[test]
fn no_second_look() {
    check_flaw(&HAND_BACK, Flaw::NoSecondLook, Fault::Miscounted);
}

#[test]
fn a_dormant_group_is_forgotten() {
    check_flaw(&DORMANT, Flaw::DormantForgotten, Fault::LostPacket);
}

#[test]
fn complete_before_anything_is_entered() {
    check_flaw(&TAKEOVER_SEEN, Flaw::CompleteEarly, Fault::LostPacket);
}

#[test]
fn emptied_while_some_rely_on_it() {
    check_flaw(&HAND_BACK_SEEN, Flaw::ReliedOn, Fault::LostPacket);
}

#[test]
fn emptied_before_it_is_incomplete() {
    check_flaw(&HAND_BACK_SEEN, Flaw::BuriedEarly, Fault::LostPacket);
}
