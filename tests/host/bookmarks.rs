// SPDX-License-Identifier: GPL-2.0

use crate::logic::bookmarks::Bookmarks;

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
