// SPDX-License-Identifier: GPL-2.0

//! The counters and their names.

use crate::{
    decide::counter::{Counter, Reason},
    properties::config,
};
use proptest::prelude::*;
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

proptest! {
    #![proptest_config(config())]

    /// Every errno is counted, the ones that have a name under it.
    #[test]
    fn every_refusal_is_counted(errno in prop_oneof![0..150, any::<i32>()]) {
        let counter = Counter::Refused(Reason::of(errno));
        prop_assert_eq!(Counter::ALL[counter.index()], counter);
        let named = [
            ("permission", "EPERM", 1), ("memory", "ENOMEM", 12), ("disabled", "EACCES", 13),
            ("device", "ENODEV", 19), ("address", "EINVAL", 22), ("unavailable", "EADDRNOTAVAIL", 99),
            ("limit", "ENOBUFS", 105),
        ];
        let name = named.iter().find(|(_, _, number)| *number == errno).map_or("other", |found| found.0);
        prop_assert_eq!(counter.name(), format!("refused_{name}"));
    }
}
