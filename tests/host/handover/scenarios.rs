// SPDX-License-Identifier: GPL-2.0

//! What may meet a takeover or a hand-back.

use super::{
    c,
    flaw::Flaw,
    kernel::{Answer, Kernel},
    module::Module,
};
use crate::explorer::tell;
use loom::{
    sync::atomic::Ordering,
    thread::{self, JoinHandle},
};
use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    rc::Rc,
    sync::{
        atomic::{AtomicUsize, Ordering as StdOrdering},
        Arc,
    },
};

/// What may happen at once. Says whether it came to what makes it worth while.
type Scenario = fn(Flaw) -> bool;

/// Runs `scenario` in all its executions. Says how many there are, and in how many it came to that.
fn executions(scenario: Scenario, flaw: Flaw) -> (usize, usize) {
    let all = Arc::new(AtomicUsize::new(0));
    let met = Arc::new(AtomicUsize::new(0));
    let (count, count_met) = (all.clone(), met.clone());
    loom::model(move || {
        count.fetch_add(1, StdOrdering::Relaxed);
        count_met.fetch_add(scenario(flaw).into(), StdOrdering::Relaxed);
    });
    (
        all.load(StdOrdering::Relaxed),
        met.load(StdOrdering::Relaxed),
    )
}

/// `scenario` holds in all executions, at least so many, and comes to what it is about in some but not in
/// all.
fn check(name: &str, scenario: Scenario, at_least: usize) {
    let (executions, met) = executions(scenario, Flaw::None);
    tell(&format!(
        "{name}: {executions} executions, {met} of them to the point"
    ));
    assert!(executions >= at_least);
    assert!(0 < met && met < executions);
}

/// An execution of `scenario` fails with a complaint that has `complaint` in it.
fn check_flaw(scenario: Scenario, flaw: Flaw, complaint: &str) {
    let failed = catch_unwind(AssertUnwindSafe(|| executions(scenario, flaw)));
    let payload = failed.expect_err("nothing was found");
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or_default();
    assert!(said.contains(complaint), "{flaw:?} was found by: {said}");
}

/// Does `action`, and what was put off until nobody looks any more.
fn task(
    kernel: &Rc<Kernel>,
    module: &Rc<Module>,
    action: impl FnOnce(&Rc<Kernel>, &Module) + 'static,
) -> JoinHandle<()> {
    let (kernel, module) = (kernel.clone(), module.clone());
    thread::spawn(move || {
        action(&kernel, &module);
        kernel.grace_period();
    })
}

/// The last task in C leaves its group, which completes the transition, while another joins in Rust.
fn takeover(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    c::join(&kernel);

    let in_c = task(&kernel, &module, |kernel, module| {
        assert!(c::leave(kernel), "lost");
        module.adopt();
    });
    let in_rust = task(&kernel, &module, |_, module| module.join());
    in_c.join().unwrap();
    in_rust.join().unwrap();
    assert_eq!(kernel.is_held(), Answer::INDEXED);
    kernel.check_route();
    assert!(module.leave(), "lost");
    module.hand_back();
    kernel.check(0);
    module.by_list.get()
}

/// The only holder leaves in Rust and another joins, while the module hands back; then a task that is in C
/// again joins.
fn hand_back(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    c::join(&kernel);
    module.adopt();

    let leaver = task(&kernel, &module, |_, module| {
        assert!(module.leave(), "lost");
    });
    let joiner = task(&kernel, &module, |_, module| module.join());
    module.hand_back();
    c::join(&kernel);
    leaver.join().unwrap();
    joiner.join().unwrap();
    assert_eq!(kernel.is_held(), Answer::LISTED);
    kernel.check(2);
    module.closed.get()
}

/// A group waits for its device, which comes up while the module hands back.
fn dormant(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    module.adopt();
    kernel.up.store(false, Ordering::Release);
    module.join();
    assert_eq!(kernel.is_held(), Answer::ByIndex(false));

    let event = task(&kernel, &module, |kernel, module| {
        kernel.up.store(true, Ordering::Release);
        module.device_changed();
    });
    module.hand_back();
    event.join().unwrap();
    assert_eq!(kernel.is_held(), Answer::LISTED);
    kernel.check_route();
    kernel.check(1);
    module.closed.get()
}

/// A group gets a new route and so a new object, and its last holder leaves, while packets arrive.
fn reroute(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    module.adopt();
    module.join();
    kernel.lose_route();

    let event = task(&kernel, &module, |_, module| module.device_changed());
    let leaver = task(&kernel, &module, |_, module| {
        assert!(module.leave(), "lost")
    });
    let answer = kernel.is_held();
    event.join().unwrap();
    leaver.join().unwrap();
    kernel.check_route();
    module.hand_back();
    kernel.check(0);
    answer == Answer::INDEXED
}

/// Packets arrive while the module takes over a group that is held all the time.
fn takeover_seen(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    c::join(&kernel);

    let transition = task(&kernel, &module, |_, module| module.adopt());
    let answer = kernel.is_held();
    assert!(is_found(answer), "lost a packet");
    transition.join().unwrap();
    module.hand_back();
    kernel.check(1);
    answer == Answer::INDEXED
}

/// Packets arrive while the module hands back a group that is held all the time.
fn hand_back_seen(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);
    c::join(&kernel);
    module.adopt();

    let transition = task(&kernel, &module, |_, module| module.hand_back());
    let answer = kernel.is_held();
    assert!(is_found(answer), "lost a packet");
    transition.join().unwrap();
    kernel.check(1);
    answer == Answer::INDEXED
}

fn is_found(answer: Answer) -> bool {
    matches!(answer, Answer::INDEXED | Answer::LISTED)
}

/// IPv6 leaves the device while one joins in C and packets arrive.
fn destroyed(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    let module = Module::loaded(&kernel);

    let joiner = task(&kernel, &module, |kernel, _| c::join(kernel));
    let event = task(&kernel, &module, |kernel, _| c::destroy(kernel));
    kernel.is_held();
    joiner.join().unwrap();
    event.join().unwrap();
    let left = kernel.users();
    kernel.check(left.unwrap_or(0));
    left.is_none()
}

#[test]
fn a_takeover_loses_nobody() {
    check("takeover", takeover, 360);
}

#[test]
fn a_hand_back_loses_nobody() {
    check("hand back", hand_back, 49_000);
}

#[test]
fn a_dormant_group_is_handed_back_once() {
    check("dormant", dormant, 13);
}

#[test]
fn a_takeover_loses_no_packet() {
    check("packets at a takeover", takeover_seen, 6);
}

#[test]
fn a_hand_back_loses_no_packet() {
    check("packets at a hand back", hand_back_seen, 15);
}

#[test]
fn packets_find_a_group_or_none() {
    check("reroute", reroute, 10_000);
}

#[test]
fn ipv6_takes_its_groups_along() {
    check("destroyed", destroyed, 33_000);
}

#[test]
fn without_a_grace_period() {
    check_flaw(reroute, Flaw::NoGracePeriod, "Causality violation");
}

#[test]
fn hashed_without_the_lock() {
    check_flaw(destroyed, Flaw::HashedLate, "hash");
}

#[test]
fn seen_before_it_is_initialised() {
    check_flaw(destroyed, Flaw::SeenEarly, "Causality violation");
}

#[test]
fn a_reference_is_kept() {
    check_flaw(reroute, Flaw::ReferenceKept, "leaked");
}

#[test]
fn adopted_without_the_lock() {
    check_flaw(takeover, Flaw::AdoptedUnlocked, "false");
}

#[test]
fn open_after_the_hand_back() {
    check_flaw(hand_back, Flaw::LeftOpen, "users");
}

#[test]
fn no_second_look() {
    check_flaw(hand_back, Flaw::NoSecondLook, "users");
}

#[test]
fn a_dormant_group_is_forgotten() {
    check_flaw(dormant, Flaw::DormantForgotten, "false");
}

#[test]
fn complete_before_anything_is_entered() {
    check_flaw(takeover_seen, Flaw::CompleteEarly, "lost a packet");
}

#[test]
fn emptied_while_some_rely_on_it() {
    check_flaw(hand_back_seen, Flaw::ReliedOn, "lost a packet");
}

#[test]
fn emptied_before_it_is_incomplete() {
    check_flaw(hand_back_seen, Flaw::BuriedEarly, "lost a packet");
}
