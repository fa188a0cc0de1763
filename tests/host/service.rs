// SPDX-License-Identifier: GPL-2.0

//! What is asked for a group, by whom, and what time makes of it.

use crate::{
    decide::service::{Asker, Order, Phase, Refusal, Service, GRACE},
    properties::config,
};
use proptest::prelude::*;

const NEW: Service<u32> = Service::new();
const ROOT: Asker<u32> = Asker {
    user: 0,
    privileged: true,
    holds: false,
    alone: false,
};
const HOLDER: Asker<u32> = Asker {
    user: 7,
    privileged: false,
    holds: true,
    alone: true,
};
const PHASES: [Phase; 4] = [
    Phase::Serving,
    Phase::Draining,
    Phase::Parting,
    Phase::Suspended,
];

fn asked(order: Order, asker: &Asker<u32>, now: u64) -> Service<u32> {
    NEW.ordered(order, asker, now).expect("it is allowed")
}

#[test]
fn a_suspension_stays_until_it_is_resumed() {
    let service = asked(Order::Suspend, &ROOT, 5);
    assert_eq!(service.phase(5), Phase::Suspended);
    assert_eq!(service.phase(u64::MAX), Phase::Suspended);
    assert_eq!(service.due(5), None);
    let again = service.ordered(Order::Suspend, &ROOT, 6).unwrap();
    assert_eq!(again, service);
    let resumed = service.ordered(Order::Resume, &ROOT, 7).unwrap();
    assert!(resumed.is_idle() && !service.is_idle());
    assert_eq!(resumed, NEW);
}

#[test]
fn a_drain_has_three_phases() {
    let service = asked(Order::Drain(100), &HOLDER, 1000);
    for (now, phase, due, left) in [
        (1000, Phase::Draining, Some(1100), Some(100)),
        (1099, Phase::Draining, Some(1100), Some(1)),
        (1100, Phase::Parting, Some(1100 + GRACE), Some(0)),
        (1099 + GRACE, Phase::Parting, Some(1100 + GRACE), None),
        (1100 + GRACE, Phase::Suspended, None, None),
    ] {
        assert_eq!(service.phase(now), phase, "{now}");
        assert_eq!(service.due(now), due, "{now}");
        assert_eq!(service.drain_left(now), left, "{now}");
    }
    let longer = service.ordered(Order::Drain(500), &HOLDER, 1050).unwrap();
    assert_eq!(longer.due(1050), Some(1550));
    let back = service.ordered(Order::Resume, &HOLDER, 1100).unwrap();
    assert_eq!(back, NEW);
}

#[test]
fn a_drain_that_cannot_be() {
    let none = NEW.ordered(Order::Drain(0), &ROOT, 0);
    assert_eq!(none, Err(Refusal::NoTime));
    let suspended = asked(Order::Suspend, &ROOT, 0);
    let late = suspended.ordered(Order::Drain(1), &ROOT, 0);
    assert_eq!(late, Err(Refusal::Suspended));
    let drained = asked(Order::Drain(1), &ROOT, 0);
    let again = drained.ordered(Order::Drain(1), &ROOT, 1);
    assert_eq!(again.unwrap().due(1), Some(2), "in its grace it goes on");
    let over = drained.ordered(Order::Drain(1), &ROOT, 1 + GRACE);
    assert_eq!(over, Err(Refusal::Suspended));
}

#[test]
fn a_lease_suspends_until_it_is_renewed() {
    let leased = asked(Order::Lease(50), &HOLDER, 100);
    assert_eq!(leased.phase(149), Phase::Serving);
    assert_eq!(leased.due(149), Some(150));
    assert_eq!(leased.lease_left(149), Some(1));
    assert_eq!(leased.phase(150), Phase::Suspended);
    assert_eq!(leased.due(150), None);
    assert_eq!(leased.lease_left(200), Some(0));
    let renewed = leased.ordered(Order::Lease(50), &HOLDER, 200).unwrap();
    assert_eq!(renewed.phase(200), Phase::Serving);
    let resumed = leased.ordered(Order::Resume, &HOLDER, 150).unwrap();
    assert_eq!(resumed, NEW, "a lease that has run out is forgotten");
    let early = leased.ordered(Order::Resume, &HOLDER, 149).unwrap();
    assert_eq!(early, leased);
    let ended = leased.ordered(Order::Lease(0), &HOLDER, 120).unwrap();
    assert_eq!(ended, NEW);
    assert_eq!(NEW.lease_left(0), None);
}

#[test]
fn a_renewed_lease_ends_no_suspension() {
    let leased = asked(Order::Lease(50), &HOLDER, 0);
    let suspended = leased.ordered(Order::Suspend, &HOLDER, 0).unwrap();
    let renewed = suspended.ordered(Order::Lease(50), &HOLDER, 60).unwrap();
    assert_eq!(renewed.phase(60), Phase::Suspended);
    let drained = leased.ordered(Order::Drain(500), &HOLDER, 0).unwrap();
    assert_eq!(drained.due(0), Some(50));
    assert_eq!(drained.phase(50), Phase::Suspended);
}

const ORDERS: [Order; 4] = [
    Order::Suspend,
    Order::Resume,
    Order::Drain(1),
    Order::Lease(1),
];

#[test]
fn who_may() {
    for order in ORDERS {
        let may = |privileged, holds, alone| {
            let asker = Asker {
                user: 7,
                privileged,
                holds,
                alone,
            };
            NEW.ordered(order, &asker, 0).map(|_| ())
        };
        for [holds, alone] in [[false; 2], [false, true], [true, false], [true; 2]] {
            assert_eq!(may(true, holds, alone), Ok(()));
        }
        assert_eq!(may(false, true, true), Ok(()));
        assert_eq!(may(false, true, false), Err(Refusal::Shared));
        assert_eq!(may(false, false, true), Err(Refusal::NotHeld));
        assert_eq!(may(false, false, false), Err(Refusal::NotHeld));
    }
}

/// The administrator's word stands against a holder's, but not against the administrator's own.
#[test]
fn who_may_change_it() {
    let by_root = asked(Order::Suspend, &ROOT, 0);
    for order in [Order::Suspend, Order::Resume] {
        let refused = by_root.ordered(order, &HOLDER, 0);
        assert_eq!(refused, Err(Refusal::Privileged), "{order:?}");
    }
    assert!(by_root.ordered(Order::Lease(1), &HOLDER, 0).is_ok());
    let drained = asked(Order::Drain(9), &ROOT, 0);
    let refused = drained.ordered(Order::Drain(1), &HOLDER, 0);
    assert_eq!(refused, Err(Refusal::Privileged));

    let leased = asked(Order::Lease(9), &ROOT, 0);
    let refused = leased.ordered(Order::Lease(1), &HOLDER, 0);
    assert_eq!(refused, Err(Refusal::Privileged));
    assert!(leased.ordered(Order::Resume, &HOLDER, 8).is_ok());
    let refused = leased.ordered(Order::Resume, &HOLDER, 9);
    assert_eq!(refused, Err(Refusal::Privileged));

    let once_root = Asker {
        privileged: true,
        ..HOLDER
    };
    let own = asked(Order::Suspend, &once_root, 0);
    assert!(own.ordered(Order::Resume, &HOLDER, 0).is_ok());
    let by_holder = asked(Order::Suspend, &HOLDER, 0);
    assert!(by_holder.ordered(Order::Resume, &ROOT, 0).is_ok());
}

/// What a user asks for hurts nobody who joins later.
#[test]
fn another_holder_ends_it() {
    for order in [Order::Suspend, Order::Drain(9), Order::Lease(9)] {
        let by_holder = asked(order, &HOLDER, 0);
        assert_eq!(by_holder.joined(Some(HOLDER.user)), by_holder);
        assert_eq!(by_holder.joined(Some(8)), NEW);
        assert_eq!(by_holder.joined(None), NEW);
        let by_root = asked(order, &ROOT, 0);
        for user in [Some(8), None] {
            assert_eq!(by_root.joined(user), by_root);
        }
    }
}

/// What a holder asks for ends with its last hold, also if it was asked with privilege.
#[test]
fn it_ends_with_its_holder() {
    for order in [Order::Suspend, Order::Drain(9), Order::Lease(9)] {
        for privileged in [false, true] {
            let asker = Asker {
                privileged,
                ..HOLDER
            };
            let service = asked(order, &asker, 0);
            assert_eq!(service.left(|user| user == HOLDER.user), service);
            assert_eq!(service.left(|user| user != HOLDER.user), NEW);
        }
        let by_root = asked(order, &ROOT, 0);
        assert_eq!(by_root.left(|_| false), by_root);
    }
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::Suspend),
        Just(Order::Resume),
        (0..2000u32).prop_map(Order::Drain),
        (0..2000u32).prop_map(Order::Lease),
    ]
}

fn asker() -> impl Strategy<Value = Asker<u32>> {
    (0..3u32, any::<[bool; 3]>()).prop_map(|(user, [privileged, holds, alone])| Asker {
        user,
        privileged,
        holds,
        alone,
    })
}

proptest! {
    #![proptest_config(config())]

    /// Between two times that are due nothing changes; at each of them something does, or the lease or drain
    /// would have been suspended anyway. A resume that is allowed always serves.
    #[test]
    fn nothing_changes_but_when_due(
        orders in prop::collection::vec((order(), asker(), 0..1500u64), 1..8), wait in 0..5000u64,
    ) {
        let (mut service, mut now) = (NEW, 0);
        for (order, asker, later) in orders {
            now += later;
            if let Ok(next) = service.ordered(order, &asker, now) {
                prop_assert!(asker.privileged || (asker.holds && asker.alone));
                service = next;
                if order == Order::Resume {
                    prop_assert_eq!(service.phase(now), Phase::Serving);
                }
                if order == Order::Suspend {
                    prop_assert_eq!(service.phase(now), Phase::Suspended);
                }
            }
            let mut left = now + wait;
            if let Some(due) = service.due(now) {
                prop_assert!(due > now);
                left = left.min(due - 1);
            }
            prop_assert_eq!(service.phase(left), service.phase(now));
            // Time alone leads on only.
            let rank = |phase| PHASES.iter().position(|&other| other == phase);
            prop_assert!(rank(service.phase(now + wait)) >= rank(service.phase(now)));
        }
    }
}
