// SPDX-License-Identifier: GPL-2.0

//! The beats of the groups of a network namespace.
//!
//! The list is bounded. At its limit, and without memory, a group does not beat.

use super::memory::UNCHARGED;
use crate::decide::{
    handover::Peer,
    heartbeat::{
        Heart,
        Word, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

/// The most groups of a namespace that beat: what a host can send and hear at the shortest interval.
pub(super) const MOST: usize = 64;

/// A group on a device.
pub(super) type Place = (i32, Ipv6Addr);

/// What to say last, of this host.
pub(super) type LastWord = fn(Peer) -> Word;

/// A group that beats, or that has a last word to say.
struct Beating {
    place: Place,
    heart: Heart,
    last: Option<LastWord>,
}

/// The groups that beat.
pub(super) struct Hearts(KVec<KBox<Beating>>);

impl Hearts {
    pub(super) const fn new() -> Self {
        Self(KVec::new())
    }

    /// None beats, and none has a word to say.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    pub(super) fn has(&self, place: &Place) -> bool {
        self.0.iter().any(|beating| beating.place == *place)
    }

    /// The group beats from now on. Not all beat at the same time. Fails with `ENOMEM`.
    pub(super) fn begin(&mut self, place: Place, now: u64, interval: u64) -> Result {
        let delay = interval * self.0.len() as u64 / MOST as u64;
        let beating = Beating {
            place,
            heart: Heart::new(now + delay),
            last: None,
        };
        self.0.push(KBox::new(beating, UNCHARGED)?, UNCHARGED)?;
        Ok(())
    }

    /// The heart of a group that beats.
    pub(super) fn find(&mut self, place: &Place) -> Option<&mut Heart> {
        let mut beating = self.0.iter_mut().filter(|beating| beating.last.is_none());
        let found = beating.find(|beating| beating.place == *place)?;
        Some(&mut found.heart)
    }

    /// The member that speaks for a group when this host leaves.
    pub(super) fn heir(&self, place: &Place) -> Option<Peer> {
        let found = self.beating().find(|beating| beating.place == *place)?;
        found.heart.heir()
    }

    /// One that has something to do.
    pub(super) fn next(&self, now: u64, interval: u64, judge: bool) -> Option<Place> {
        let is_due = |beating: &&KBox<Beating>| beating.heart.due(interval, judge) <= now;
        let found = self.beating().find(is_due)?;
        Some(found.place)
    }

    /// When one has something to do.
    pub(super) fn due(&self, interval: u64) -> Option<u64> {
        self.beating()
            .map(|beating| beating.heart.due(interval, true))
            .min()
    }

    /// All that was heard is out of date.
    pub(super) fn rest(&mut self, now: u64, interval: u64) {
        for beating in self.0.iter_mut() {
            beating.heart.rest(now, interval);
        }
    }

    /// The group has a last word to say if somebody hears it.
    pub(super) fn end(&mut self, place: &Place, word: LastWord) {
        self.0.retain(|beating| {
            let ends = beating.place == *place && beating.last.is_none();
            if ends {
                beating.last = Some(word);
            }
            !ends || beating.heart.knows()
        });
    }

    /// The last words of all.
    pub(super) fn end_all(&mut self) {
        self.0.retain(|beating| {
            beating.last = beating.last.or(Some(rest));
            beating.heart.knows()
        });
    }

    /// The next of the last words.
    pub(super) fn last_word(&mut self) -> Option<(Place, LastWord)> {
        let at = self.0.iter().position(|beating| beating.last.is_some())?;
        let beating = self.0.remove(at).ok()?;
        Some((beating.place, beating.last?))
    }

    /// Whether a last word waits.
    pub(super) fn has_last_word(&self) -> bool {
        self.0.iter().any(|beating| beating.last.is_some())
    }

    /// There is no word to say for a group.
    pub(super) fn take_back(&mut self, place: &Place) {
        self.0
            .retain(|beating| beating.place != *place || beating.last.is_none());
    }

    /// Forgets the groups of a device.
    pub(super) fn forget(&mut self, ifindex: i32) {
        self.0.retain(|beating| beating.place.0 != ifindex);
    }

    /// The groups of a device that somebody hears about.
    pub(super) fn known(&self, ifindex: i32) -> impl Iterator<Item = &Ipv6Addr> {
        let of_device = self.0.iter().filter(move |it| it.place.0 == ifindex);
        let known = of_device.filter(|beating| beating.heart.knows());
        known.map(|beating| &beating.place.1)
    }

    fn beating(&self) -> impl Iterator<Item = &KBox<Beating>> {
        self.0.iter().filter(|beating| beating.last.is_none())
    }
}

/// The host serves a group on, but does not beat.
pub(super) fn rest(host: Peer) -> Word {
    Word::Rest(host.link)
}

/// The host has stopped answering for a group.
pub(super) fn goodbye(host: Peer) -> Word {
    Word::Goodbye(host.link)
}
