// SPDX-License-Identifier: GPL-2.0

//! Who holds a group: nobody gives back what is another's.

use crate::{
    decide::{
        holders::{Holder, Holders, NotHeld},
        users::{Full, Users},
    },
    properties::config,
};
use proptest::prelude::*;

const CALLER: Holder = Holder::Caller;
const SOCKET: Holder = Holder::Socket { privileged: true };
const NOBODY: Holder = Holder::Socket { privileged: false };
const STRANGER: Holder = Holder::Stranger;

fn addrconf(needed: u32) -> Holder {
    Holder::Addrconf { needed }
}

fn joined(holders: &[Holder]) -> Holders {
    holders.iter().fold(Holders::default(), |held, &holder| {
        held.join(holder).unwrap()
    })
}

fn count(holders: Holders) -> i32 {
    holders.users().map_or(0, Users::as_raw)
}

#[test]
fn nobody_at_first() {
    assert_eq!(Holders::default().users(), None);
    assert!(!Holders::default().beyond_addrconf());
    assert!(!Holders::default().privileged());
    for holder in [addrconf(0), addrconf(9), CALLER, SOCKET, NOBODY, STRANGER] {
        assert_eq!(Holders::default().leave(holder), Err(NotHeld), "{holder:?}");
    }
}

#[test]
fn each_hold_counts_once_and_comes_back_once() {
    let all = [addrconf(1), CALLER, SOCKET, NOBODY, STRANGER];
    let held = joined(&all);
    assert_eq!(count(held), 5);
    for (index, &holder) in all.iter().enumerate() {
        let without = match holder {
            Holder::Addrconf { .. } => held.leave(addrconf(0)),
            holder => held.leave(holder),
        };
        let others: Vec<Holder> = [&all[..index], &all[index + 1..]].concat();
        assert_eq!(without, Ok(joined(&others)), "{holder:?}");
    }
}

fn check_stolen(holder: Holder, from: &[Holder]) {
    assert_eq!(
        joined(from).leave(holder),
        Err(NotHeld),
        "{holder:?} from {from:?}"
    );
}

#[test]
fn nobody_takes_what_is_anothers() {
    check_stolen(addrconf(0), &[CALLER, SOCKET, NOBODY, STRANGER]);
    check_stolen(SOCKET, &[addrconf(1), CALLER, NOBODY, STRANGER]);
    check_stolen(NOBODY, &[addrconf(1), CALLER, SOCKET, STRANGER]);
    check_stolen(STRANGER, &[addrconf(1), CALLER, SOCKET, NOBODY]);
    check_stolen(CALLER, &[addrconf(1), SOCKET, NOBODY, STRANGER]);
}

fn check_adopted(users: u32, needed: u32, addrconfs: i32) {
    let held = Holders::adopt(Users::new(users).unwrap(), needed);
    assert_eq!(count(held), users as i32);
    assert_eq!(held.addrconf() as i32, addrconfs);
    assert_eq!(held.adopted() as i32, users as i32 - addrconfs);
    assert_eq!(count(held) - count(held.without_addrconf()), addrconfs);
    assert_eq!(held.beyond_addrconf(), users as i32 > addrconfs);
    // C let nobody join without privilege.
    assert_eq!(held.privileged(), held.beyond_addrconf());
}

#[test]
fn adopted_are_addrconfs_as_far_as_it_needs_them() {
    check_adopted(1, 0, 0);
    check_adopted(1, 1, 1);
    check_adopted(1, 2, 1);
    check_adopted(3, 2, 2);
    check_adopted(Users::MAX, 1, 1);
}

fn check_addrconf_leave(joins: u32, needed: u32, expected: Result<i32, NotHeld>) {
    let mut held = joined(&[SOCKET]);
    for join in 1..=joins {
        held = held.join(addrconf(join)).unwrap();
    }
    assert_eq!(
        held.leave(addrconf(needed)).map(|held| count(held) - 1),
        expected
    );
}

#[test]
fn addrconf_keeps_what_its_addresses_need() {
    // The address that goes had joined.
    check_addrconf_leave(1, 0, Ok(0));
    check_addrconf_leave(2, 1, Ok(1));
    // It had not, or has left already.
    check_addrconf_leave(0, 0, Err(NotHeld));
    check_addrconf_leave(1, 1, Err(NotHeld));
    check_addrconf_leave(2, 3, Err(NotHeld));
    // The device ceased to forward: none of them needs it.
    check_addrconf_leave(3, 0, Ok(0));
}

/// Optimistic DAD announces an address at its beginning and at its end.
#[test]
fn an_address_that_joins_twice_counts_once() {
    let once = joined(&[addrconf(1)]);
    assert_eq!(once.join(addrconf(1)), Ok(once));
    assert_eq!(count(joined(&[addrconf(1), addrconf(2)])), 2);
    // Whatever the addresses look like, the join counts.
    assert_eq!(count(joined(&[addrconf(0)])), 1);
}

#[test]
fn a_program_or_caller_is_beyond_addrconf() {
    assert!(!joined(&[addrconf(1), addrconf(2)]).beyond_addrconf());
    for holder in [CALLER, SOCKET, NOBODY, STRANGER] {
        assert!(joined(&[addrconf(1), holder]).beyond_addrconf());
    }
}

/// Every set of holders: one of them with privilege is enough, and the others with it.
#[test]
fn one_with_privilege_is_enough() {
    let all = [addrconf(1), NOBODY, CALLER, SOCKET, STRANGER];
    for set in 0..1 << all.len() {
        let member =
            |(index, &holder): (usize, &Holder)| (set & (1 << index) != 0).then_some(holder);
        let holders: Vec<Holder> = all.iter().enumerate().filter_map(member).collect();
        let held = joined(&holders);
        let privileged = holders
            .iter()
            .any(|holder| [CALLER, SOCKET, STRANGER].contains(holder));
        assert_eq!(held.privileged(), privileged, "{holders:?}");
        assert_eq!(held.without_addrconf().privileged(), privileged);
    }
    // It goes with the hold.
    let both = joined(&[SOCKET, NOBODY]);
    assert!(!both.leave(SOCKET).unwrap().privileged());
    assert!(both.leave(NOBODY).unwrap().privileged());
}

#[test]
fn the_kernels_counter_is_the_limit() {
    let full = Holders::adopt(Users::new(Users::MAX).unwrap(), 0);
    for holder in [addrconf(1), CALLER, SOCKET, NOBODY, STRANGER] {
        assert_eq!(full.join(holder), Err(Full));
    }
    assert_eq!(Users::new(0), None);
    assert_eq!(Users::new(Users::MAX + 1), None);
}

/// All sequences of six joins and leaves against a model that keeps a list of holds.
#[test]
fn against_a_model() {
    let moves: Vec<(bool, Holder)> = [CALLER, SOCKET, NOBODY, STRANGER]
        .into_iter()
        .flat_map(|holder| [(true, holder), (false, holder)])
        .collect();
    explore(Holders::default(), &mut Vec::new(), &moves, 6);
}

fn explore(held: Holders, model: &mut Vec<Holder>, moves: &[(bool, Holder)], depth: u32) {
    assert_eq!(count(held), model.len() as i32, "{model:?}");
    let privileged = model.iter().any(|&hold| hold != NOBODY);
    assert_eq!(held.privileged(), privileged, "{model:?}");
    if depth == 0 {
        return;
    }
    for &(join, holder) in moves {
        let mut model = model.clone();
        let after = if join {
            model.push(holder);
            held.join(holder).unwrap()
        } else {
            let Some(taken) = model.iter().position(|&hold| hold == holder) else {
                assert_eq!(held.leave(holder), Err(NotHeld));
                continue;
            };
            model.remove(taken);
            held.leave(holder).unwrap()
        };
        explore(after, &mut model, moves, depth - 1);
    }
}

/// Anybody, addrconf with few or many addresses.
fn holder() -> impl Strategy<Value = Holder> {
    prop_oneof![
        (0..4_u32).prop_map(addrconf),
        Just(CALLER),
        Just(SOCKET),
        Just(NOBODY),
        Just(STRANGER),
    ]
}

/// How many holds of each kind: addrconf, callers, sockets, strangers, sockets without privilege.
type Piles = [i64; 5];

fn pile(holder: Holder) -> usize {
    match holder {
        Holder::Addrconf { .. } => 0,
        Holder::Caller => 1,
        Holder::Socket { privileged: true } => 2,
        Holder::Stranger => 3,
        Holder::Socket { privileged: false } => 4,
    }
}

/// A join, told anew; whether it does.
fn pile_up(piles: &mut Piles, holder: Holder) -> bool {
    if piles.iter().sum::<i64>() == i64::from(i32::MAX) {
        return false;
    }
    let pile = &mut piles[pile(holder)];
    *pile += 1;
    if let Holder::Addrconf { needed } = holder {
        // Never more than addresses, and at least the one that asks.
        *pile = (*pile).clamp(1, i64::from(needed).max(1));
    }
    true
}

/// A leave, told anew; whether it does.
fn take_down(piles: &mut Piles, holder: Holder) -> bool {
    let pile = &mut piles[pile(holder)];
    let left = match holder {
        Holder::Addrconf { needed } => i64::from(needed),
        _ => *pile - 1,
    };
    let does = (0..*pile).contains(&left);
    if does {
        *pile = left;
    }
    does
}

proptest! {
    #![proptest_config(config())]

    /// Against five piles of holds: of any joins and leaves of anybody, at any count.
    #[test]
    fn against_piles(
        users in prop_oneof![1..5_u32, Users::MAX - 4..=Users::MAX],
        needed in 0..4_u32,
        moves in prop::collection::vec((any::<bool>(), holder()), 0..40),
    ) {
        let mut held = Holders::adopt(Users::new(users).unwrap(), needed);
        let addrconf = needed.min(users);
        let mut piles = [addrconf, 0, 0, users - addrconf, 0].map(i64::from);
        for (join, holder) in moves {
            if join {
                let does = pile_up(&mut piles, holder);
                prop_assert_eq!(held.join(holder).is_ok(), does, "{:?} joins {:?}", holder, held);
                held = held.join(holder).unwrap_or(held);
            } else {
                let does = take_down(&mut piles, holder);
                prop_assert_eq!(held.leave(holder).is_ok(), does, "{:?} leaves {:?}", holder, held);
                held = held.leave(holder).unwrap_or(held);
            }
            prop_assert_eq!(i64::from(count(held)), piles.iter().sum::<i64>());
            prop_assert_eq!(i64::from(held.addrconf()), piles[0]);
            prop_assert_eq!(i64::from(held.adopted()), piles[3]);
            prop_assert_eq!(held.beyond_addrconf(), piles[1..].iter().any(|&pile| pile > 0));
            prop_assert_eq!(held.privileged(), piles[1..4].iter().any(|&pile| pile > 0));
            prop_assert_eq!(i64::from(count(held.without_addrconf())), piles[1..].iter().sum::<i64>());
        }
    }

    /// What is taken can be given back, and nothing else has changed by that.
    #[test]
    fn a_leave_undoes_a_join(holders in prop::collection::vec(holder(), 0..10), last in holder()) {
        let held = joined(&holders);
        let Holder::Addrconf { .. } = last else {
            prop_assert_eq!(held.join(last).unwrap().leave(last), Ok(held));
            return Ok(());
        };
        let before = held.addrconf();
        let after = held.join(addrconf(before + 1)).unwrap();
        prop_assert_eq!(after.leave(addrconf(before)), Ok(held));
    }
}
