// SPDX-License-Identifier: GPL-2.0

//! Where readers of a long listing stopped, so that they go on there without counting through it again.

/// At which place line number `line` was, when there had been so many changes.
#[derive(Clone, Copy, Debug)]
struct Bookmark<P> {
    changes: u64,
    line: u64,
    place: P,
}

/// The bookmarks of the last few readers who stopped.
///
/// A bookmark says nothing of its reader. It holds for whoever asks for the line, for as long as the
/// listing has not changed.
#[derive(Debug)]
pub(crate) struct Bookmarks<P, const READERS: usize> {
    marks: [Option<Bookmark<P>>; READERS],
    oldest: usize,
}

impl<P: Copy, const READERS: usize> Bookmarks<P, READERS> {
    /// Nobody has read anything.
    pub(crate) const fn new() -> Self {
        Self {
            marks: [None; READERS],
            oldest: 0,
        }
    }

    /// The place of `line`, if it is known and there have been no more than `changes`.
    pub(crate) fn find(&self, changes: u64, line: u64) -> Option<P> {
        let mut marks = self.marks.iter().flatten();
        let mark = marks.find(|mark| (mark.changes, mark.line) == (changes, line))?;
        Some(mark.place)
    }

    /// `line` is at `place` after so many `changes`. The oldest bookmark goes.
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
