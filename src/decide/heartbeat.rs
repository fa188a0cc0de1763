// SPDX-License-Identifier: GPL-2.0

//! Which member of a group has died without a word, and who speaks for the group then.
//!
//! Members of a group that beat tell each other so, at an interval. One whose beats stay away is
//! *lost*: the live member with the lowest link-layer address announces itself to all neighbours, as
//! some of them may still use the lost one. A member that leaves says so, and that member speaks at
//! once. Who never beats cannot be lost.
//!
//! Whatever is announced is true, so a mistake costs no more than a move to another member. A neighbour
//! can forge beats. So a group that has spoken holds its peace for a time, which doubles each time.
//!
//! Times are in milliseconds.

use super::handover::{
    is_station,
    LinkAddr,
    Pace,
    Peer, //
};

/// The shortest and the longest interval; 0 is none.
const INTERVALS: core::ops::RangeInclusive<u32> = 100..=60_000;
/// The members of a group that are known at a time: the first that are heard.
pub(crate) const MEMBERS: usize = 8;
/// A lost member is remembered, and beaten for, so long after its last beat.
pub(crate) const REMEMBER: u64 = 60_000;
/// How often the host announces itself for a lost member, as the network may lose one.
pub(crate) const ANNOUNCEMENTS: u8 = 3;
/// Between two of these announcements.
pub(crate) const PAUSE: u64 = 1_000;
/// From the first announcement for a member to that for another: at first, and at most.
pub(crate) const HOLD: u64 = 10_000;
pub(crate) const HOLD_MOST: u64 = 640_000;
/// The longest time between two looks for beats, and the shortest.
const LOOK: u64 = 100;
const LOOK_LEAST: u64 = 25;

/// Whether members may beat at this interval; 0: not at all.
pub(crate) fn is_allowed(interval: u32) -> bool {
    interval == 0 || INTERVALS.contains(&interval)
}

/// How long beats may wait until they are looked for.
pub(crate) fn look(interval: u64) -> u64 {
    (interval / 4).clamp(LOOK_LEAST, LOOK)
}

/// What one member tells the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// It has the group, and will say so again.
    Beat(Peer),
    /// It has the group, or the address, and will not say so again.
    Rest(LinkAddr),
    /// It has the group no longer.
    Goodbye(LinkAddr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has been heard once.
    New,
    /// It has been heard again.
    Live,
    /// Its beats stay away.
    Lost,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    peer: Peer,
    heard: u64,
    /// Between its last beats: the last time, and the time before.
    gaps: [u64; 2],
    state: State,
}

impl Member {
    /// When it is lost, or forgotten, unless it is heard before.
    fn due(&self, interval: u64) -> u64 {
        self.heard
            + match self.state {
                State::Lost => REMEMBER,
                State::New | State::Live => self.patience(interval),
            }
    }

    /// Three beats, and a bit for what delays the last of them. Its own interval counts if that is
    /// longer than ours: the shorter of two, as one beat may be late, or lost.
    fn patience(&self, interval: u64) -> u64 {
        let [last, before] = self.gaps;
        let own = last.min(before).min((*INTERVALS.end()).into());
        let interval = if own * 2 > interval * 3 {
            own
        } else {
            interval
        };
        interval * 3 + interval / 4
    }

    fn hear(&mut self, now: u64, peer: Peer) {
        let gap = now - self.heard;
        let (gaps, state) = match self.state {
            State::Lost => ([0; 2], State::New),
            State::New => ([gap; 2], State::Live),
            State::Live => ([gap, self.gaps[0]], State::Live),
        };
        *self = Self {
            peer,
            heard: now,
            gaps,
            state,
        };
    }
}

/// What is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// To beat.
    pub(crate) beat: bool,
    /// So many members have been lost.
    pub(crate) lost: u32,
    /// To announce itself: for the first time or again.
    pub(crate) announce: Option<bool>,
}

/// The beats of one group on one device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heart {
    members: [Option<Member>; MEMBERS],
    /// The next beat.
    beat: u64,
    /// Announcements to come, and the time of the next.
    left: u8,
    due: u64,
    /// None of them has been sent yet.
    first: bool,
    /// Another member has been lost meanwhile.
    owed: bool,
    /// Before this time no others begin.
    peace: u64,
    hold: u64,
}

impl Heart {
    /// It beats at `beat` for the first time, if somebody is there to hear it.
    pub(crate) fn new(beat: u64) -> Self {
        Self {
            members: [None; MEMBERS],
            beat,
            left: 0,
            due: 0,
            first: false,
            owed: false,
            peace: 0,
            hold: HOLD / 2,
        }
    }

    /// A member has been heard. `own` is the device's own link-layer address. Returns whether that
    /// counts.
    pub(crate) fn hear(&mut self, now: u64, word: &Word, own: &LinkAddr) -> bool {
        match *word {
            Word::Beat(peer) => is_station(&peer.link) && peer.link != *own && self.note(now, peer),
            Word::Rest(link) => self.remove(&link).is_some(),
            Word::Goodbye(link) => self.part(now, &link, own),
        }
    }

    fn note(&mut self, now: u64, peer: Peer) -> bool {
        if let Some(member) = self.find(&peer.link) {
            let returns = member.state == State::Lost;
            member.hear(now, peer);
            if returns && !self.any(|member| member.state == State::Lost) {
                (self.left, self.owed) = (0, false);
            }
            return true;
        }
        let Some(place) = self.place() else {
            return false;
        };
        *place = Some(Member {
            peer,
            heard: now,
            gaps: [0; 2],
            state: State::New,
        });
        true
    }

    /// A place for a new member: a free one, or that of a lost member.
    fn place(&mut self) -> Option<&mut Option<Member>> {
        let is_free = |place: &Option<Member>| place.is_none();
        let is_lost =
            |place: &Option<Member>| place.is_some_and(|member| member.state == State::Lost);
        let found = self.members.iter().position(is_free);
        let found = found.or_else(|| self.members.iter().position(is_lost))?;
        self.members.get_mut(found)
    }

    /// A member says goodbye. Its neighbours are told once, as it does that itself.
    fn part(&mut self, now: u64, link: &LinkAddr, own: &LinkAddr) -> bool {
        let Some(member) = self.remove(link) else {
            return false;
        };
        if member.state != State::Lost && self.is_lowest(own) {
            self.want(now, 1);
        }
        true
    }

    /// Does what is due. `peer`: another member is known otherwise; `judge`: all beats that have come
    /// have been heard.
    pub(crate) fn act(
        &mut self,
        now: u64,
        interval: u64,
        own: &LinkAddr,
        (peer, judge): (bool, bool),
        pace: &mut Pace,
    ) -> Pulse {
        let lost = if judge { self.lose(now, interval) } else { 0 };
        if lost > 0 && self.is_lowest(own) {
            self.want(now, ANNOUNCEMENTS);
        }
        Pulse {
            beat: self.beats(now, interval) && (peer || self.knows()),
            lost,
            announce: self.speaks(now, pace),
        }
    }

    /// Nothing can be sent, and so nothing heard: nobody is lost on that account.
    pub(crate) fn rest(&mut self, now: u64, interval: u64) {
        for place in &mut self.members {
            *place = place
                .filter(|member| member.state != State::New && member.heard + REMEMBER > now)
                .map(|member| Member {
                    state: State::Lost,
                    ..member
                });
        }
        (self.left, self.owed) = (0, false);
        self.beats(now, interval);
    }

    /// Whether there is, or was a short time ago, somebody to hear a beat.
    pub(crate) fn knows(&self) -> bool {
        self.any(|_| true)
    }

    /// The live member with the lowest address, which speaks when this host leaves.
    pub(crate) fn heir(&self) -> Option<Peer> {
        let members = self.members.iter().flatten();
        let live = members.filter(|member| member.state == State::Live);
        live.map(|member| member.peer).min_by_key(|peer| peer.link)
    }

    /// When there is something to do.
    pub(crate) fn due(&self, interval: u64, judge: bool) -> u64 {
        let members = self.members.iter().flatten().filter(|_| judge);
        let lost = members.map(|member| member.due(interval)).min();
        let speak = (self.left > 0).then_some(self.due);
        [lost, speak]
            .into_iter()
            .flatten()
            .fold(self.beat, u64::min)
    }

    fn find(&mut self, link: &LinkAddr) -> Option<&mut Member> {
        let mut members = self.members.iter_mut().flatten();
        members.find(|member| member.peer.link == *link)
    }

    fn remove(&mut self, link: &LinkAddr) -> Option<Member> {
        let is_it = |place: &&mut Option<Member>| {
            place.is_some_and(|member: Member| member.peer.link == *link)
        };
        self.members.iter_mut().find(is_it)?.take()
    }

    fn any(&self, is: impl Fn(&Member) -> bool) -> bool {
        self.members.iter().flatten().any(is)
    }

    /// Of those who live.
    fn is_lowest(&self, own: &LinkAddr) -> bool {
        !self.any(|member| member.state != State::Lost && member.peer.link < *own)
    }

    /// Returns how many are lost now.
    fn lose(&mut self, now: u64, interval: u64) -> u32 {
        let mut lost = 0;
        for place in &mut self.members {
            let Some(member) = place.filter(|member| member.due(interval) <= now) else {
                continue;
            };
            *place = (member.state == State::Live).then_some(Member {
                state: State::Lost,
                ..member
            });
            lost += u32::from(place.is_some());
        }
        lost
    }

    /// Announcements are wanted: now, or when the host may speak again.
    fn want(&mut self, now: u64, times: u8) {
        if self.left > 0 && !self.first {
            self.owed = true;
        } else {
            self.begin(now, self.left.max(times));
        }
    }

    fn begin(&mut self, now: u64, times: u8) {
        self.left = times;
        self.due = now.max(self.peace);
        self.first = true;
    }

    fn beats(&mut self, now: u64, interval: u64) -> bool {
        let beats = self.beat <= now;
        if beats {
            let next = self.beat + interval;
            self.beat = if next > now { next } else { now + interval };
        }
        self.beat = self.beat.min(now + interval);
        beats
    }

    /// Whether to announce, and if so whether it is the first time.
    fn speaks(&mut self, now: u64, pace: &mut Pace) -> Option<bool> {
        if self.left == 0 || self.due > now {
            return None;
        }
        if !pace.allows(now) {
            self.due = pace.again();
            return None;
        }
        pace.sent();
        let first = core::mem::take(&mut self.first);
        if first {
            self.calm(now);
        }
        self.left -= 1;
        self.due = now + PAUSE;
        if self.left == 0 && core::mem::take(&mut self.owed) {
            self.begin(now, ANNOUNCEMENTS);
        }
        Some(first)
    }

    /// From now on the host holds its peace, longer if it had to speak lately.
    fn calm(&mut self, now: u64) {
        self.hold = match now >= self.peace + HOLD_MOST {
            true => HOLD,
            false => (self.hold * 2).min(HOLD_MOST),
        };
        self.peace = now + self.hold;
    }
}
