// SPDX-License-Identifier: GPL-2.0

//! Where a reader of a long listing goes on.

use crate::{decide::bookmarks::Bookmarks, properties::config};
use proptest::prelude::*;

#[test]
fn a_reader_goes_on_where_it_stopped() {
    let mut bookmarks = Bookmarks::<&str, 2>::new();
    assert_eq!(bookmarks.find(7, 100), None);
    bookmarks.put(7, 100, "here");
    assert_eq!(bookmarks.find(7, 100), Some("here"));
    assert_eq!(bookmarks.find(7, 101), None);
}

#[test]
fn no_bookmark_outlives_a_change() {
    let mut bookmarks = Bookmarks::<&str, 2>::new();
    bookmarks.put(7, 100, "here");
    assert_eq!(bookmarks.find(8, 100), None);
}

#[test]
fn the_oldest_bookmark_goes() {
    let mut bookmarks = Bookmarks::<u64, 3>::new();
    for line in 0..10 {
        bookmarks.put(7, line, line * 2);
    }
    let known = (0..10).filter_map(|line| bookmarks.find(7, line));
    assert_eq!(known.collect::<Vec<_>>(), [14, 16, 18]);
}

proptest! {
    #![proptest_config(config())]

    /// Against a list of all that was ever put: the last few are known, with the place where they were.
    #[test]
    fn the_last_few_are_known(puts in prop::collection::vec((0..3_u64, 0..6_u64), 0..20)) {
        const READERS: usize = 4;
        let mut bookmarks = Bookmarks::<(u64, u64), READERS>::new();
        for (count, &(changes, line)) in puts.iter().enumerate() {
            bookmarks.put(changes, line, (changes, line));
            let known = &puts[(count + 1).saturating_sub(READERS)..=count];
            for asked in (0..3).flat_map(|changes| (0..6).map(move |line| (changes, line))) {
                let expected = known.contains(&asked).then_some(asked);
                prop_assert_eq!(bookmarks.find(asked.0, asked.1), expected);
            }
        }
    }
}
