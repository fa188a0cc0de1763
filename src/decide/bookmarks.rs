// SPDX-License-Identifier: GPL-2.0

//! Remembers where readers of a long listing stopped, so that they can continue without walking it
//! again.

/// The place of line number `line` after `changes` changes.
#[derive(Clone, Copy, Debug)]
struct Bookmark<P> {
    changes: u64,
    line: u64,
    place: P,
}

/// The bookmarks of the last readers that stopped.
///
/// A bookmark does not belong to a reader. It serves anybody who asks for the line while the
/// listing has not changed.
#[derive(Debug)]
pub(crate) struct Bookmarks<P, const READERS: usize> {
    marks: [Option<Bookmark<P>>; READERS],
    oldest: usize,
}

impl<P: Copy, const READERS: usize> Bookmarks<P, READERS> {
    /// No bookmarks.
    pub(crate) const fn new() -> Self {
        Self {
            marks: [None; READERS],
            oldest: 0,
        }
    }

    /// The place of `line`, if a bookmark of it was made after exactly `changes` changes.
    pub(crate) fn find(&self, changes: u64, line: u64) -> Option<P> {
        let mut marks = self.marks.iter().flatten();
        let mark = marks.find(|mark| (mark.changes, mark.line) == (changes, line))?;
        Some(mark.place)
    }

    /// `line` is at `place` after `changes` changes. Replaces the oldest bookmark.
    pub(crate) fn put(&mut self, changes: u64, line: u64, place: P) {
        if let Some(mark) = self.marks.get_mut(self.oldest) {
            *mark = Some(Bookmark {
                changes,
                line,
                place,
            });
            self.oldest = (self.oldest + 1) % READERS;
        }
    }
}
