// SPDX-License-Identifier: GPL-2.0

//! Counting the holders of a group.

use crate::{
    decide::users::{join, leave, Entry, Full, Join, Leave, Occupied, Users, Vacant},
    properties::config,
};
use proptest::prelude::*;

/// A list with at most one group on it.
#[derive(Debug, Default, PartialEq, Eq)]
struct List(Option<Users>);

struct OnList<'a>(&'a mut List);

struct Place<'a>(&'a mut List);

/// A group that is on no list.
#[derive(Debug, PartialEq, Eq)]
struct OffList;

/// A reference to the group on the list.
#[derive(Debug, PartialEq, Eq)]
struct Reference;

impl Occupied for OnList<'_> {
    type Delisted = OffList;

    fn users(&self) -> Users {
        self.0 .0.expect("on the list")
    }
    fn set_users(&mut self, users: Users) {
        self.0 .0 = Some(users);
    }
    fn remove(self) -> OffList {
        self.0 .0 = None;
        OffList
    }
}

impl Vacant for Place<'_> {
    type Unlisted = OffList;
    type Listed = Reference;

    fn insert(self, _group: &OffList) -> Reference {
        self.0 .0 = Some(Users::FIRST);
        Reference
    }
}

impl List {
    fn of(count: i32) -> Self {
        Self(Some(Users::from_raw(count)))
    }
    fn count(&self) -> Option<i32> {
        self.0.map(Users::as_raw)
    }
    fn entry(&mut self) -> Entry<OnList<'_>, Place<'_>> {
        match self.0 {
            Some(_) => Entry::Occupied(OnList(self)),
            None => Entry::Vacant(Place(self)),
        }
    }
    fn join(&mut self) -> Result<Join<Reference>, Full> {
        join(self.entry(), &OffList)
    }
    fn leave(&mut self) -> Leave<OffList> {
        leave(self.entry())
    }
}

#[test]
fn the_only_holder_takes_the_group_with_it() {
    let mut list = List::default();
    assert_eq!(list.join(), Ok(Join::Joined(Reference)));
    assert_eq!(list.count(), Some(1));
    assert_eq!(list.leave(), Leave::Left(OffList));
    assert_eq!(list.count(), None);
}

#[test]
fn nobody_leaves_a_group_that_is_not_there() {
    let mut list = List::default();
    assert_eq!(list.leave(), Leave::NotMember);
    assert_eq!(list.count(), None);
}

#[test]
fn as_many_leaves_as_joins() {
    let mut list = List(Some(Users::FIRST));
    for count in 2..=1000 {
        assert_eq!(list.join(), Ok(Join::AlreadyMember));
        assert_eq!(list.count(), Some(count));
    }
    for count in (1..1000).rev() {
        assert_eq!(list.leave(), Leave::StillMember);
        assert_eq!(list.count(), Some(count));
    }
    assert_eq!(list.leave(), Leave::Left(OffList));
}

#[test]
fn a_full_group_takes_no_more_and_stays_as_it_was() {
    let mut list = List::of(i32::MAX - 1);
    assert_eq!(list.join(), Ok(Join::AlreadyMember));
    assert_eq!(list.join(), Err(Full));
    assert_eq!(list.count(), Some(i32::MAX));
    assert_eq!(list.leave(), Leave::StillMember);
}

#[test]
fn a_count_that_was_spoilt_ends_the_group() {
    for count in [0, -1, i32::MIN] {
        assert_eq!(List::of(count).leave(), Leave::Left(OffList), "{count}");
    }
}

proptest! {
    #![proptest_config(config())]

    /// Against a number that knows no limits: of whatever joins and leaves, from whatever count.
    #[test]
    fn against_a_number(
        start in prop_oneof![0..4_u32, Users::MAX - 3..=Users::MAX],
        joins in prop::collection::vec(any::<bool>(), 0..40),
    ) {
        let mut list = List(Users::new(start));
        let mut number = i64::from(start);
        for join in joins {
            if join {
                let expected = match number {
                    0 => Ok(Join::Joined(Reference)),
                    2_147_483_647 => Err(Full),
                    _ => Ok(Join::AlreadyMember),
                };
                prop_assert_eq!(list.join(), expected);
                number = (number + 1).min(2_147_483_647);
            } else {
                let expected = match number {
                    0 => Leave::NotMember,
                    1 => Leave::Left(OffList),
                    _ => Leave::StillMember,
                };
                prop_assert_eq!(list.leave(), expected);
                number = (number - 1).max(0);
            }
            prop_assert_eq!(list.count().map_or(0, i64::from), number);
        }
    }

    #[test]
    fn what_the_kernel_counts_comes_back(count: u32, raw: i32) {
        let users = Users::new(count);
        prop_assert_eq!(users.is_some(), (1..=2_147_483_647).contains(&count));
        prop_assert_eq!(users.map_or(count, |users| users.as_raw() as u32), count);
        prop_assert_eq!(Users::from_raw(raw).as_raw(), raw);
    }
}
