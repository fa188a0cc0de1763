// SPDX-License-Identifier: GPL-2.0

//! Who takes over a group.

use crate::{
    decide::handover::{
        Answer, Handover, Heard, LinkAddr, Pace, Peer, Question, ANNOUNCEMENTS, ANSWER_OF_ANY,
        ANSWER_OF_PEER, FIRST, PAUSE, QUESTIONS, REFRESH, RETRY,
    },
    properties::config,
};
use proptest::prelude::*;

const OWN: LinkAddr = [2, 0, 0, 0, 0, 1];
const PEER: Peer = Peer {
    link: [2, 0, 0, 0, 0, 3],
    router: false,
};
const OTHER: LinkAddr = [2, 0, 0, 0, 0, 4];

fn answer(link: LinkAddr) -> Answer {
    Answer {
        link: Some(link),
        router: false,
    }
}

/// One that has asked all members at this time.
fn asking() -> (Handover, u64) {
    let mut handover = Handover::new(0);
    assert_eq!(handover.act(FIRST), Some(Question::All));
    (handover, FIRST)
}

/// One that has had its answer at this time.
fn known() -> (Handover, u64) {
    let (mut handover, now) = asking();
    assert_eq!(handover.peer(), None);
    assert_eq!(handover.hear(now, &answer(PEER.link), &OWN), Heard::Peer);
    assert_eq!(handover.peer(), Some(PEER));
    (handover, now)
}

/// One that has been withdrawn and asks its peer.
fn leaving() -> (Handover, u64) {
    let (mut handover, now) = known();
    handover.withdraw(now);
    assert_eq!(handover.act(now), Some(Question::Of(PEER)));
    (handover, now)
}

#[test]
fn a_group_of_a_moment_asks_nothing() {
    let mut handover = Handover::new(0);
    assert_eq!(handover.act(FIRST - 1), None);
    handover.withdraw(FIRST - 1);
    assert!(handover.is_over());
}

/// It asks on, for the end of the drain, and is as before when it is published again.
#[test]
fn a_group_that_drains_does_not_speak() {
    let (mut handover, now) = known();
    assert!(handover.speaks());
    handover.drain();
    assert!(!handover.speaks() && handover.is_published());
    assert_eq!(handover.act(now + REFRESH), Some(Question::Of(PEER)));
    handover.publish(now);
    assert!(handover.speaks());
    handover.withdraw(now);
    assert!(!handover.speaks());
}

#[test]
fn without_an_answer_it_asks_once_a_minute() {
    let (mut handover, mut now) = asking();
    for _ in 0..3 {
        now += ANSWER_OF_ANY;
        assert_eq!(handover.act(now), None);
        assert_eq!(handover.due(), now + REFRESH);
        now += REFRESH;
        assert_eq!(handover.act(now), Some(Question::All));
    }
}

/// It asks the peer alone, and all others when that is silent.
#[test]
fn a_peer_is_asked_once_a_minute() {
    let (mut handover, mut now) = known();
    now += REFRESH;
    assert_eq!(handover.act(now - 1), None);
    assert_eq!(handover.act(now), Some(Question::Of(PEER)));
    assert_eq!(handover.hear(now, &answer(PEER.link), &OWN), Heard::Peer);
    now += REFRESH;
    for _ in 0..QUESTIONS {
        assert_eq!(handover.act(now), Some(Question::Of(PEER)));
        now += ANSWER_OF_PEER;
    }
    assert_eq!(handover.act(now), Some(Question::All));
    handover.withdraw(now);
    assert!(handover.is_over());
}

fn check_first_answer(link: Option<LinkAddr>, expected: Heard) {
    let (mut handover, now) = asking();
    let answer = Answer {
        link,
        router: false,
    };
    assert_eq!(handover.hear(now, &answer, &OWN), expected, "{link:?}");
}

#[test]
fn a_peer_is_a_station_and_not_the_host() {
    check_first_answer(Some(PEER.link), Heard::Peer);
    check_first_answer(None, Heard::Nothing);
    check_first_answer(Some(OWN), Heard::Nothing);
    check_first_answer(Some([0; 6]), Heard::Nothing);
    check_first_answer(Some([0xff; 6]), Heard::Nothing);
    check_first_answer(Some([0x33, 0x33, 0, 0, 0, 1]), Heard::Nothing);
}

/// The first that answers; it stays while it answers.
#[test]
fn there_is_one_peer() {
    let (mut handover, now) = known();
    assert_eq!(handover.hear(now, &answer(OTHER), &OWN), Heard::Nothing);
    assert_eq!(handover.last_words(), Some(PEER));
    let (mut handover, now) = leaving();
    assert_eq!(handover.hear(now, &answer(OTHER), &OWN), Heard::Nothing);
}

#[test]
fn an_answer_has_its_time() {
    let (mut handover, now) = asking();
    let late = now + ANSWER_OF_ANY + 1;
    assert_eq!(
        handover.hear(late, &answer(PEER.link), &OWN),
        Heard::Nothing
    );
    let last = now + ANSWER_OF_ANY;
    assert_eq!(handover.hear(last, &answer(PEER.link), &OWN), Heard::Peer);
    let mut unasked = Handover::new(0);
    assert_eq!(unasked.hear(0, &answer(PEER.link), &OWN), Heard::Nothing);
}

/// A unicast question is answered without a link-layer address.
#[test]
fn it_announces_who_answers_and_asks_before_each_time() {
    let (mut handover, mut now) = leaving();
    let silent = Answer {
        link: None,
        router: true,
    };
    let router = Peer {
        router: true,
        ..PEER
    };
    for number in 1..=ANNOUNCEMENTS {
        let announce = Heard::Announce {
            peer: router,
            first: number == 1,
        };
        assert_eq!(handover.hear(now, &silent, &OWN), announce);
        now += PAUSE;
        if number < ANNOUNCEMENTS {
            assert_eq!(handover.act(now), Some(Question::Of(router)));
        }
    }
    assert!(handover.is_over());
}

#[test]
fn nobody_is_announced_without_an_answer() {
    let (mut handover, mut now) = leaving();
    for _ in 1..QUESTIONS {
        now += ANSWER_OF_PEER;
        assert_eq!(handover.act(now), Some(Question::Of(PEER)));
    }
    now += ANSWER_OF_PEER;
    assert_eq!(handover.act(now), None);
    assert!(handover.is_over());
}

#[test]
fn a_rejoin_ends_it_and_keeps_the_peer() {
    let (mut handover, now) = leaving();
    handover.publish(now);
    assert_eq!(handover.hear(now, &answer(PEER.link), &OWN), Heard::Nothing);
    assert_eq!(handover.act(now + FIRST), Some(Question::Of(PEER)));
}

/// Whom other members expect, and whom the host has known or not.
#[test]
fn an_heir_is_asked_and_announced() {
    for (mut handover, now) in [asking(), known()] {
        assert_eq!(handover.has_peer(), handover.last_words().is_some());
        let heir = Peer {
            link: OTHER,
            router: false,
        };
        handover.prefer(heir);
        assert!(handover.has_peer() && handover.is_published());
        handover.withdraw(now);
        assert!(!handover.is_published());
        assert_eq!(handover.act(now), Some(Question::Of(heir)));
        assert!(!handover.is_published());
    }
}

/// What is over is forgotten, so it must not be said too early.
#[test]
fn it_says_where_it_stands() {
    let standing = |handover: &Handover| {
        (
            handover.listens(),
            handover.is_leaving(),
            handover.is_confirming(),
            handover.is_over(),
        )
    };
    assert_eq!(standing(&Handover::new(0)), (false, false, false, false));
    assert_eq!(standing(&asking().0), (true, false, false, false));
    assert_eq!(standing(&known().0), (false, false, false, false));
    let (mut handover, now) = leaving();
    assert_eq!(standing(&handover), (true, true, true, false));
    handover.hear(now, &answer(PEER.link), &OWN);
    assert_eq!(standing(&handover), (false, true, false, false));
    handover.end();
    assert_eq!(standing(&handover), (false, false, false, true));
}

/// Whether a question or a pause is on.
#[test]
fn who_is_withdrawn_again_leaves_all_the_same() {
    let (mut handover, now) = leaving();
    handover.withdraw(now);
    assert!(handover.is_confirming());
    handover.hear(now, &answer(PEER.link), &OWN);
    handover.withdraw(now);
    assert_eq!(handover.due(), now + PAUSE);
    assert_eq!(handover.act(now + PAUSE), Some(Question::Of(PEER)));
}

#[test]
fn switched_off_it_forgets() {
    let (mut handover, now) = known();
    handover.rest(now);
    assert_eq!(handover.last_words(), None);
    assert_eq!(handover.act(now), Some(Question::All));
    let (mut handover, now) = leaving();
    handover.rest(now);
    assert!(handover.is_over());
}

#[test]
fn last_words_are_for_who_has_not_been_told() {
    assert_eq!(asking().0.last_words(), None);
    assert_eq!(known().0.last_words(), Some(PEER));
    let (mut handover, now) = leaving();
    assert_eq!(handover.last_words(), Some(PEER));
    handover.hear(now, &answer(PEER.link), &OWN);
    assert_eq!(handover.last_words(), None);
    handover.end();
    assert!(handover.is_over());
}

#[test]
fn what_cannot_be_sent_is_tried_later_or_given_up() {
    let (mut handover, now) = asking();
    handover.failed(now);
    assert_eq!(handover.due(), now + RETRY);
    let (mut handover, now) = leaving();
    handover.failed(now);
    assert!(handover.is_over());
}

/// As many as fit into a span, and as many again in the next one.
#[test]
fn a_span_is_used_up() {
    let (mut pace, start) = (Pace::new(), 1000);
    for begin in [start, start + Pace::SPAN] {
        for _ in 0..Pace::MOST {
            assert!(pace.allows(begin));
            pace.sent();
        }
        assert_eq!(pace.again(), begin + Pace::SPAN);
        assert!(!pace.allows(begin) && !pace.allows(begin + Pace::SPAN - 1));
    }
}

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Answer(LinkAddr),
    Publish,
    Withdraw,
    Fail,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..2 * REFRESH).prop_map(Event::Pass),
        4 => (0..2 * PAUSE).prop_map(Event::Pass),
        4 => prop_oneof![Just(PEER.link), Just(OTHER), Just(OWN)].prop_map(Event::Answer),
        1 => Just(Event::Publish),
        2 => Just(Event::Withdraw),
        1 => Just(Event::Fail),
    ]
}

proptest! {
    #![proptest_config(config())]

    /// Announced is who was asked alone just before, at most so often, and nobody while published.
    #[test]
    fn announcements_are_asked_for(events in prop::collection::vec(event(), 0..60)) {
        let mut handover = Handover::new(0);
        let (mut now, mut asked, mut published, mut announced) = (0, None, true, 0);
        for event in events {
            match event {
                Event::Pass(time) => now += time,
                Event::Answer(link) => match handover.hear(now, &answer(link), &OWN) {
                    Heard::Announce { peer, .. } => {
                        announced += 1;
                        prop_assert!(!published && announced <= ANNOUNCEMENTS);
                        let Some((whom, when)) = asked.take() else {
                            return Err(TestCaseError::fail("not asked"));
                        };
                        prop_assert!(whom == peer.link && link == whom && now <= when + ANSWER_OF_PEER);
                    }
                    Heard::Peer => prop_assert!(published && link != OWN),
                    Heard::Nothing => (),
                },
                Event::Publish => {
                    handover.publish(now);
                    (published, announced) = (true, 0);
                }
                Event::Withdraw => {
                    handover.withdraw(now);
                    published = false;
                }
                Event::Fail => handover.failed(now),
            }
            let due = handover.due();
            if let Some(question) = handover.act(now) {
                prop_assert!(due <= now && handover.due() > now);
                if let Question::Of(peer) = question {
                    asked = Some((peer.link, now));
                }
                prop_assert!(published || question != Question::All);
            }
        }
    }

    /// However many want to send, no span has more than it may.
    #[test]
    fn the_pace_is_kept(times in prop::collection::vec(0..20_u64, 0..200)) {
        let (mut pace, mut now, mut sent) = (Pace::new(), 1000, Vec::new());
        for time in times {
            now += time;
            while pace.allows(now) {
                pace.sent();
                sent.push(now);
            }
            prop_assert!(pace.again() > now);
        }
        for (first, &at) in sent.iter().enumerate() {
            let within = sent[first..].iter().filter(|&&later| later < at + Pace::SPAN).count();
            prop_assert!(within <= 2 * Pace::MOST as usize);
        }
    }
}
