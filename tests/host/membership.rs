// SPDX-License-Identifier: GPL-2.0

//! Which membership a leave means.

use crate::{
    decide::membership::{LeaveRequest, Membership},
    properties::config,
};
use core::net::Ipv6Addr;
use proptest::prelude::*;

const ADDR: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const OTHER: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

#[test]
fn device_and_address_must_be_the_ones_joined() {
    let membership = Membership {
        ifindex: 3,
        addr: ADDR,
    };
    let cases = [
        (3, ADDR, true),
        (0, ADDR, true),
        (4, ADDR, false),
        (-1, ADDR, false),
        (3, OTHER, false),
        (0, OTHER, false),
    ];
    for (ifindex, addr, expected) in cases {
        let request = LeaveRequest { ifindex, addr };
        assert_eq!(request.matches(&membership), expected, "{request:?}");
    }
}

/// Few devices and addresses, so that they meet.
fn membership() -> impl Strategy<Value = Membership> {
    let addr = prop_oneof![Just(ADDR), Just(OTHER)];
    (1..4, addr).prop_map(|(ifindex, addr)| Membership { ifindex, addr })
}

proptest! {
    #![proptest_config(config())]

    /// Of the memberships of a socket, youngest first, a leave takes the first that has both, or with index
    /// zero the address; as often as there are some.
    #[test]
    fn the_youngest_goes_first(
        mut list in prop::collection::vec(membership(), 0..8),
        asked in membership(),
        anywhere: bool,
    ) {
        let ifindex = if anywhere { 0 } else { asked.ifindex };
        let request = LeaveRequest { ifindex, addr: asked.addr };
        let meant = |membership: &Membership| {
            membership.addr.segments() == asked.addr.segments()
                && (anywhere || membership.ifindex - asked.ifindex == 0)
        };
        let (gone, kept): (Vec<Membership>, Vec<Membership>) = list.iter().partition(|&one| meant(one));
        for expected in gone {
            let first = list.iter().position(|membership| request.matches(membership));
            prop_assert_eq!(list.remove(first.unwrap()), expected);
        }
        prop_assert!(!list.iter().any(|membership| request.matches(membership)));
        prop_assert_eq!(list, kept);
    }
}
