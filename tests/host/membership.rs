// SPDX-License-Identifier: GPL-2.0

//! Which membership a leave means.

use crate::logic::membership::{LeaveRequest, Membership};
use core::net::Ipv6Addr;

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
