// SPDX-License-Identifier: GPL-2.0

//! The counters and their names.

use crate::logic::counter::{Counter, Reason};
use std::collections::HashSet;

#[test]
fn each_has_its_place_and_its_name() {
    let names: HashSet<&str> = Counter::ALL.iter().map(|counter| counter.name()).collect();
    assert_eq!(names.len(), Counter::COUNT);
    for (place, counter) in Counter::ALL.into_iter().enumerate() {
        assert_eq!(counter.index(), place, "{counter:?}");
    }
}

fn check_reason(errno: i32, reason: Reason) {
    assert_eq!(Reason::of(errno), reason, "{errno}");
}

/// The numbers are those of Linux (include/uapi/asm-generic/errno-base.h and errno.h).
#[test]
fn reasons_are_errnos() {
    check_reason(1, Reason::Permission);
    check_reason(12, Reason::Memory);
    check_reason(13, Reason::Disabled);
    check_reason(19, Reason::Device);
    check_reason(22, Reason::Address);
    check_reason(99, Reason::Unavailable);
    check_reason(105, Reason::Limit);
    check_reason(75, Reason::Other);
}
