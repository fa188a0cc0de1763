// SPDX-License-Identifier: GPL-2.0

//! What may happen to a group at once.

use super::{c, flaw::Flaw, kernel::Kernel};
use crate::explorer::tell;
use loom::thread::{self, JoinHandle};
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
fn task(kernel: &Rc<Kernel>, action: impl FnOnce(&Rc<Kernel>) + 'static) -> JoinHandle<()> {
    let kernel = kernel.clone();
    thread::spawn(move || {
        action(&kernel);
        kernel.grace_period();
    })
}

/// A group gets a new route and so a new object, and its last holder leaves, while packets arrive.
fn reroute(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);
    c::join(&kernel);
    kernel.lose_route();

    let event = task(&kernel, c::reroute);
    let leaver = task(&kernel, |kernel| assert!(c::leave(kernel), "lost"));
    let answer = kernel.is_held();
    event.join().unwrap();
    leaver.join().unwrap();
    kernel.check_route();
    kernel.check(0);
    answer == (true, true)
}

/// IPv6 leaves the device while one joins in C and packets arrive.
fn destroyed(flaw: Flaw) -> bool {
    let kernel = Kernel::new(flaw);

    let joiner = task(&kernel, c::join);
    let event = task(&kernel, c::destroy);
    kernel.is_held();
    joiner.join().unwrap();
    event.join().unwrap();
    let left = kernel.users();
    kernel.check(left.unwrap_or(0));
    left.is_none()
}

#[test]
fn packets_find_a_group_or_none() {
    check("reroute", reroute, 1_000);
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
