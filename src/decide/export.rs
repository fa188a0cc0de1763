// SPDX-License-Identifier: GPL-2.0

//! Where published groups are exported to routing daemons, and by which metrics.

use super::addr::is_link_local;
use core::net::Ipv6Addr;

/// The metric of the routes of a device with index 0, if there were one.
const FIRST_METRIC: u32 = 1024;

/// The tables that have a meaning (`enum rt_class_t`, include/uapi/linux/rtnetlink.h): `compat`,
/// `default`, `main` and `local`.
const RESERVED: core::ops::RangeInclusive<u32> = 252..=255;

/// Whether groups may be exported to the table `number`; 0 is none.
///
/// Tables in which the kernel looks by itself are refused, so that no export can hide a route.
pub(crate) fn is_allowed(number: u32) -> bool {
    !RESERVED.contains(&number)
}

/// The table to which `addr` is exported while it is a published group of a namespace with the
/// setting `number`. An address of one link is of no use elsewhere.
pub(crate) fn table(addr: &Ipv6Addr, number: u32) -> Option<u32> {
    (number != 0 && is_allowed(number) && !is_link_local(addr)).then_some(number)
}

/// The metric of the routes of the device `ifindex`. Each device has its own, so that one group on
/// several devices has several routes, which come and go alone.
pub(crate) fn metric(ifindex: i32) -> u32 {
    FIRST_METRIC.saturating_add(ifindex.unsigned_abs())
}
