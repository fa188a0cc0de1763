// SPDX-License-Identifier: GPL-2.0

//! Which member has died, and who speaks for its group.

use crate::{
    decide::{
        handover::{LinkAddr, Pace, Peer},
        heartbeat::{
            is_allowed, look, Heart, Pulse, Word, ANNOUNCEMENTS, HOLD, HOLD_MOST, MEMBERS, PAUSE,
            REMEMBER,
        },
    },
    properties::config,
};
use proptest::prelude::*;

const INTERVAL: u64 = 300;
/// Three beats and a quarter.
const PATIENCE: u64 = 975;
const OWN: LinkAddr = link(5);
const LOWER: LinkAddr = link(1);
const HIGHER: LinkAddr = link(9);
const START: u64 = 1_000_000;

const fn link(number: u8) -> LinkAddr {
    [2, 0, 0, 0, 0, number]
}

fn beat(link: LinkAddr) -> Word {
    Word::Beat(Peer {
        link,
        router: false,
    })
}

/// One that is driven as the work drives it, and what it has done.
struct Host {
    heart: Heart,
    now: u64,
    peer: bool,
    pace: Pace,
    beats: Vec<u64>,
    announced: Vec<u64>,
    taken_over: Vec<u64>,
    lost: u32,
}

impl Host {
    fn new() -> Self {
        Self {
            heart: Heart::new(START),
            now: START,
            peer: false,
            pace: Pace::new(),
            beats: Vec::new(),
            announced: Vec::new(),
            taken_over: Vec::new(),
            lost: 0,
        }
    }

    /// One that has heard these twice.
    fn with(links: &[LinkAddr]) -> Self {
        let mut host = Self::new();
        for _ in 0..2 {
            host.pass(INTERVAL);
            links
                .iter()
                .for_each(|&link| assert!(host.hear(beat(link))));
        }
        host
    }

    fn hear(&mut self, word: Word) -> bool {
        self.heart.hear(self.now, &word, &OWN)
    }

    /// Lets time pass, in steps of what is due.
    fn pass(&mut self, time: u64) {
        let end = self.now + time;
        loop {
            let due = self.heart.due(INTERVAL, true);
            if due > end {
                break;
            }
            self.now = self.now.max(due);
            let pulse = self
                .heart
                .act(self.now, INTERVAL, &OWN, (self.peer, true), &mut self.pace);
            self.note(&pulse);
            assert!(self.heart.due(INTERVAL, true) > self.now);
        }
        self.now = end;
    }

    fn note(&mut self, pulse: &Pulse) {
        self.lost += pulse.lost;
        if pulse.beat {
            self.beats.push(self.now);
        }
        if let Some(first) = pulse.announce {
            self.announced.push(self.now);
            if first {
                self.taken_over.push(self.now);
            }
        }
    }
}

#[test]
fn intervals() {
    for good in [0, 100, 300, 60_000] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in [1, 99, 60_001, u32::MAX] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

/// At least twice in an interval, and often enough for a goodbye.
#[test]
fn looks() {
    for (interval, expected) in [(100, 25), (300, 75), (1000, 100), (60_000, 100)] {
        assert_eq!(look(interval), expected);
    }
}

#[test]
fn alone_it_does_not_beat() {
    let mut host = Host::new();
    host.pass(10 * INTERVAL);
    assert_eq!(host.beats, []);
}

#[test]
fn it_beats_for_a_peer_at_the_interval() {
    let mut host = Host::new();
    host.peer = true;
    host.pass(3 * INTERVAL);
    let expected: Vec<u64> = (0..4).map(|number| START + number * INTERVAL).collect();
    assert_eq!(host.beats, expected);
}

#[test]
fn it_beats_for_who_has_been_heard() {
    let mut host = Host::new();
    assert!(host.hear(beat(HIGHER)));
    assert!(host.heart.knows());
    host.pass(INTERVAL);
    assert_eq!(host.beats.len(), 2);
}

#[test]
fn a_late_beat_is_not_made_up_for() {
    let mut host = Host::new();
    host.peer = true;
    let late = START + 5 * INTERVAL / 2;
    let pulse = host
        .heart
        .act(late, INTERVAL, &OWN, (true, true), &mut host.pace);
    assert!(pulse.beat);
    assert_eq!(host.heart.due(INTERVAL, true), late + INTERVAL);
}

/// A shorter interval counts at once.
#[test]
fn a_new_interval() {
    let mut host = Host::new();
    host.heart
        .act(START, 60_000, &OWN, (true, true), &mut host.pace);
    host.heart
        .act(START, INTERVAL, &OWN, (true, true), &mut host.pace);
    assert_eq!(host.heart.due(INTERVAL, true), START + INTERVAL);
}

#[test]
fn a_member_is_a_station_and_not_the_host() {
    for wrong in [OWN, [0; 6], [0xff; 6], [0x33, 0x33, 0, 0, 0, 1]] {
        let mut host = Host::new();
        assert!(!host.hear(beat(wrong)), "{wrong:?}");
        assert!(!host.heart.knows());
    }
}

#[test]
fn the_lowest_speaks_three_times() {
    let mut host = Host::with(&[HIGHER]);
    let heard = host.now;
    host.pass(10 * PAUSE);
    let first = heard + PATIENCE;
    assert_eq!(host.announced, [first, first + PAUSE, first + 2 * PAUSE]);
    assert_eq!((host.lost, host.taken_over.len()), (1, 1));
}

#[test]
fn not_before_its_time() {
    let mut host = Host::with(&[HIGHER]);
    host.pass(PATIENCE - 1);
    assert_eq!(host.lost, 0);
    assert!(host.hear(beat(HIGHER)));
    host.pass(PATIENCE - 1);
    assert_eq!((host.lost, host.announced.len()), (0, 0));
}

/// Lives on: the lowest of all; of those that live another one; after that has died, too, the host.
#[test]
fn only_the_lowest_that_lives_speaks() {
    let mut host = Host::with(&[LOWER, HIGHER]);
    host.pass(INTERVAL);
    assert!(host.hear(beat(LOWER)));
    host.pass(PATIENCE - INTERVAL);
    assert_eq!((host.lost, host.announced.len()), (1, 0));
    host.pass(2 * INTERVAL);
    assert_eq!((host.lost, host.announced.len()), (2, 1));
}

#[test]
fn one_beat_makes_nobody_lost() {
    let mut host = Host::new();
    assert!(host.hear(beat(HIGHER)));
    host.pass(2 * PATIENCE);
    assert_eq!((host.lost, host.announced.len()), (0, 0));
    assert!(!host.heart.knows());
}

#[test]
fn a_slow_member_has_its_own_time() {
    const SLOW: u64 = 3 * INTERVAL;
    let mut host = Host::new();
    for _ in 0..10 {
        assert!(host.hear(beat(HIGHER)));
        host.pass(SLOW);
    }
    // Three of its own beats and a quarter, of which one has passed.
    host.pass(2 * SLOW + SLOW / 4 - 1);
    assert_eq!(host.lost, 0);
    host.pass(1);
    assert_eq!(host.lost, 1);
}

/// One that is late, or comes after one that is lost, is no new interval.
#[test]
fn a_late_beat_changes_nothing() {
    let mut host = Host::with(&[HIGHER]);
    host.pass(2 * INTERVAL);
    assert!(host.hear(beat(HIGHER)));
    host.pass(PATIENCE - 1);
    assert_eq!(host.lost, 0);
    host.pass(1);
    assert_eq!(host.lost, 1);
}

#[test]
fn a_return_ends_the_announcements() {
    let mut host = Host::with(&[HIGHER]);
    host.pass(PATIENCE);
    assert_eq!(host.announced.len(), 1);
    assert!(host.hear(beat(HIGHER)));
    host.pass(INTERVAL);
    assert!(host.hear(beat(HIGHER)));
    host.pass(PATIENCE - 1);
    assert_eq!(host.announced.len(), 1);
}

#[test]
fn a_lost_member_is_beaten_for_and_then_forgotten() {
    let mut host = Host::with(&[HIGHER]);
    let heard = host.now;
    host.pass(REMEMBER - 1);
    assert!(host.heart.knows());
    host.pass(10 * INTERVAL);
    assert!(!host.heart.knows());
    let last = *host.beats.last().unwrap();
    assert!(last < heard + REMEMBER && last + INTERVAL >= heard + REMEMBER);
}

#[test]
fn a_goodbye_is_followed_at_once_and_once() {
    let mut host = Host::with(&[HIGHER]);
    let heard = host.now;
    assert!(host.hear(Word::Goodbye(HIGHER)));
    host.pass(2 * REMEMBER);
    assert_eq!(host.announced, [heard]);
    assert_eq!((host.lost, host.taken_over.len()), (0, 1));
    assert!(!host.hear(Word::Goodbye(HIGHER)));
}

#[test]
fn a_goodbye_is_for_the_lowest() {
    let mut host = Host::with(&[LOWER, HIGHER]);
    assert!(host.hear(Word::Goodbye(HIGHER)));
    host.pass(PATIENCE - 1);
    assert_eq!(host.announced, []);
}

/// Of who has not beaten, of the host itself, and of who has been lost: that has been told.
#[test]
fn a_goodbye_of_no_live_member_is_nothing() {
    let mut host = Host::with(&[HIGHER]);
    assert!(!host.hear(Word::Goodbye(LOWER)));
    assert!(!host.hear(Word::Goodbye(OWN)));
    host.pass(PATIENCE + 3 * PAUSE);
    assert!(host.hear(Word::Goodbye(HIGHER)));
    host.pass(2 * HOLD);
    assert_eq!(host.announced.len(), usize::from(ANNOUNCEMENTS));
}

#[test]
fn who_beats_no_more_is_not_lost() {
    let mut host = Host::with(&[HIGHER]);
    assert!(host.hear(Word::Rest(HIGHER)));
    host.pass(2 * PATIENCE);
    assert_eq!((host.lost, host.announced.len()), (0, 0));
    assert!(!host.hear(Word::Rest(HIGHER)));
}

#[test]
fn a_deaf_host_loses_nobody() {
    let mut host = Host::with(&[HIGHER, LOWER]);
    assert!(host.hear(beat(link(7))));
    host.pass(PATIENCE - 1);
    host.heart.rest(host.now, INTERVAL);
    host.pass(2 * PATIENCE);
    assert_eq!((host.lost, host.announced.len()), (0, 0));
    assert!(host.heart.knows() && host.heart.heir().is_none());
    host.heart.rest(START + REMEMBER + PATIENCE, INTERVAL);
    assert!(!host.heart.knows());
}

#[test]
fn a_deaf_host_speaks_no_more() {
    let mut host = Host::with(&[HIGHER]);
    host.pass(PATIENCE);
    host.heart.rest(host.now, INTERVAL);
    host.pass(2 * HOLD);
    assert_eq!(host.announced.len(), 1);
}

/// While more is to be read.
#[test]
fn nobody_is_judged_unheard() {
    let mut host = Host::with(&[HIGHER]);
    let late = host.now + PATIENCE;
    for judge in [false, true] {
        let pulse = host
            .heart
            .act(late, INTERVAL, &OWN, (false, judge), &mut host.pace);
        assert_eq!(pulse.lost, u32::from(judge));
    }
    assert!(Host::with(&[HIGHER]).heart.due(u64::from(u32::MAX), false) < late);
}

#[test]
fn the_heir_is_the_lowest_that_lives() {
    assert_eq!(Host::new().heart.heir(), None);
    let mut host = Host::with(&[HIGHER, LOWER, link(7)]);
    assert!(host.hear(beat(link(0x10))));
    assert_eq!(host.heart.heir().map(|heir| heir.link), Some(LOWER));
    host.hear(Word::Rest(LOWER));
    assert_eq!(host.heart.heir().map(|heir| heir.link), Some(link(7)));
}

/// The first that are heard; a lost one has to go.
#[test]
fn so_many_members_are_known() {
    let links: Vec<LinkAddr> = (10..10 + MEMBERS as u8).map(link).collect();
    let mut host = Host::with(&links);
    assert!(!host.hear(beat(HIGHER)));
    host.pass(PATIENCE - INTERVAL);
    links[1..]
        .iter()
        .for_each(|&link| assert!(host.hear(beat(link))));
    host.pass(INTERVAL);
    assert_eq!(host.lost, 1);
    assert!(host.hear(beat(HIGHER)));
    assert!(!host.hear(beat(LOWER)));
}

/// Of one that dies and returns again and again.
#[test]
fn it_holds_its_peace_longer_each_time() {
    let mut host = Host::new();
    let mut ends = Vec::new();
    while host.taken_over.len() < 9 {
        for _ in 0..2 {
            host.hear(beat(HIGHER));
            host.pass(INTERVAL);
        }
        host.pass(PATIENCE);
        let spoken = host.taken_over.len();
        while host.taken_over.len() == spoken && host.heart.knows() {
            host.pass(PAUSE);
        }
        ends.push(host.now);
    }
    for (number, pair) in host.taken_over.windows(2).enumerate() {
        let hold = (HOLD << number).min(HOLD_MOST);
        assert!(pair[1] >= pair[0] + hold, "{number}: {pair:?}");
        assert!(
            pair[1] < pair[0] + hold + 3 * REMEMBER / 2,
            "{number}: {pair:?}"
        );
    }
    host.pass(2 * HOLD_MOST);
    let count = host.taken_over.len();
    for _ in 0..2 {
        for _ in 0..2 {
            host.hear(beat(HIGHER));
            host.pass(INTERVAL);
        }
        host.pass(HOLD + PATIENCE);
    }
    assert_eq!(host.taken_over.len(), count + 2);
}

/// What is wanted in the meantime is not forgotten, if the member stays away.
#[test]
fn a_second_loss_waits_for_its_turn() {
    let mut host = Host::with(&[HIGHER, link(7)]);
    let heard = host.now;
    host.pass(INTERVAL);
    assert!(host.hear(beat(link(7))));
    host.pass(2 * HOLD);
    assert_eq!(host.lost, 2);
    assert_eq!(host.taken_over, [heard + PATIENCE, heard + PATIENCE + HOLD]);
    assert_eq!(host.announced.len(), 2 * usize::from(ANNOUNCEMENTS));
}

#[test]
fn the_pace_is_kept() {
    let mut host = Host::with(&[HIGHER]);
    let late = host.now + PATIENCE;
    while host.pace.allows(late) {
        host.pace.sent();
    }
    let pulse = host
        .heart
        .act(late, INTERVAL, &OWN, (true, true), &mut host.pace);
    assert_eq!(pulse.announce, None);
    let pulse = host.heart.act(
        late + Pace::SPAN,
        INTERVAL,
        &OWN,
        (true, true),
        &mut host.pace,
    );
    assert_eq!(pulse.announce, Some(true));
}

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Beat(u8),
    Rest(u8),
    Goodbye(u8),
    Deaf,
}

fn event() -> impl Strategy<Value = Event> {
    let number = 1..12_u8;
    prop_oneof![
        6 => (0..2 * INTERVAL).prop_map(Event::Pass),
        2 => (0..2 * HOLD).prop_map(Event::Pass),
        8 => number.clone().prop_map(Event::Beat),
        1 => number.clone().prop_map(Event::Rest),
        2 => number.prop_map(Event::Goodbye),
        1 => Just(Event::Deaf),
    ]
}

proptest! {
    #![proptest_config(config())]

    /// Whatever others say, the host speaks seldom, and only after somebody has beaten twice or left.
    #[test]
    fn announcements_are_few(events in prop::collection::vec(event(), 0..200)) {
        let mut host = Host::new();
        let (mut beaten, mut parted) = ([0; 12], 0);
        for event in events {
            match event {
                Event::Pass(time) => host.pass(time),
                Event::Beat(number) => {
                    let counts = host.hear(beat(link(number)));
                    prop_assert!(!counts || link(number) != OWN);
                    beaten[usize::from(number)] += u32::from(counts);
                }
                Event::Rest(number) => {
                    host.hear(Word::Rest(link(number)));
                }
                Event::Goodbye(number) => {
                    parted += u32::from(host.hear(Word::Goodbye(link(number))));
                }
                Event::Deaf => host.heart.rest(host.now, INTERVAL),
            }
        }
        let lasting = beaten.iter().filter(|&&beats| beats >= 2).count();
        prop_assert!(host.lost == 0 || lasting > 0);
        prop_assert!(host.taken_over.len() as u32 <= host.lost + parted);
        prop_assert!(host.announced.len() <= usize::from(ANNOUNCEMENTS) * host.taken_over.len());
        prop_assert!(host.beats.windows(2).all(|pair| pair[1] >= pair[0] + INTERVAL));
        for (number, pair) in host.taken_over.windows(2).enumerate() {
            prop_assert!(pair[1] >= pair[0] + HOLD, "{number}: {pair:?}");
        }
        prop_assert!(host.announced.windows(2).all(|pair| pair[1] >= pair[0] + PAUSE));
    }

    /// Two that hear each other, with a network that loses what it likes: none speaks for nothing.
    #[test]
    fn who_is_heard_is_not_lost(delays in prop::collection::vec(0..3 * INTERVAL, 2..100)) {
        let mut host = Host::new();
        for delay in delays {
            prop_assert!(host.hear(beat(HIGHER)));
            host.pass(delay);
        }
        prop_assert_eq!((host.lost, host.announced.len()), (0, 0));
    }
}
