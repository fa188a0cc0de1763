// SPDX-License-Identifier: GPL-2.0

//! Which groups are exported where, by what metric.

use crate::{
    decide::export::{is_allowed, metric, table},
    properties::config,
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

const GLOBAL: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

#[test]
fn tables_with_a_name_are_refused() {
    let refused = (0..=1000).filter(|&number| !is_allowed(number));
    assert_eq!(refused.collect::<Vec<_>>(), [252, 253, 254, 255]);
    assert!(is_allowed(u32::MAX));
}

#[test]
fn global_groups_are_exported_where_the_namespace_says() {
    assert_eq!(table(&GLOBAL, 200), Some(200));
    assert_eq!(table(&GLOBAL, 0), None);
    assert_eq!(table(&LINK_LOCAL, 200), None);
    assert_eq!(table(&GLOBAL, 254), None);
}

proptest! {
    #![proptest_config(config())]

    /// An unset metric means another one to the kernel (`IP6_RT_PRIO_USER`, 1024).
    #[test]
    fn each_device_has_its_own_metric(one in 1..i32::MAX, other in 1..i32::MAX) {
        prop_assert_eq!(metric(one) == metric(other), one == other);
        prop_assert!(metric(one) > 1024);
    }
}
