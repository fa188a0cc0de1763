// SPDX-License-Identifier: GPL-2.0

//! Who takes over a group when this host stops answering for it: another member on the link, the
//! *peer*, known by its link-layer address.
//!
//! While the group is published, the host asks for a peer (a neighbour solicitation to all members),
//! and once it knows one, asks that one now and then whether it is still a member. When the host
//! stops answering, it asks the peer once more, and if that answers, announces it to all neighbours.
//! Before each further announcement it asks again, as the peer may leave, too, and announce a third
//! member.
//!
//! ```text
//!                  ask                        no answer, or heard
//!   Waiting (due) -----> Asked (until) -----------------------------> Waiting
//!      |                    |
//!      +-- withdrawn, with a peer --> Leaving (due) --ask--> Confirming (until) --heard--> announce,
//!                                        ^                       |                        and Leaving
//!                                        +-----------------------+--no answer, or the last--> Over
//! ```
//!
//! An answer counts only within the time that a question leaves for it. Times are in milliseconds.

/// From the publication to the first question: a group of a moment asks nothing.
pub(crate) const FIRST: u64 = 100;
/// For answers to a question to all members, which delay theirs by up to a second (RFC 4861, section
/// 7.2.7).
pub(crate) const ANSWER_OF_ANY: u64 = 1500;
/// For the answer of a peer, which is not delayed.
pub(crate) const ANSWER_OF_PEER: u64 = 100;
/// How often the peer is asked before it counts as gone.
pub(crate) const QUESTIONS: u8 = 3;
/// From an answer, or from the lack of one, to the next question.
pub(crate) const REFRESH: u64 = 60_000;
/// From a question that could not be sent to the next.
pub(crate) const RETRY: u64 = 2_000;
/// How often a peer is announced (`MAX_NEIGHBOR_ADVERTISEMENT` of RFC 4861).
pub(crate) const ANNOUNCEMENTS: u8 = 3;
/// Between two announcements (`RETRANS_TIMER`).
pub(crate) const PAUSE: u64 = 1_000;

/// An Ethernet address.
pub(crate) type LinkAddr = [u8; 6];

/// Another member of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its link-layer address.
    pub(crate) link: LinkAddr,
    /// It is a router.
    pub(crate) router: bool,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The link-layer address, which an answer to a unicast question may lack.
    pub(crate) link: Option<LinkAddr>,
    /// The sender is a router.
    pub(crate) router: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The group is published, and the next question has its time.
    Waiting { due: u64 },
    /// The group is published, and a question was asked; `left`: how often it can be repeated.
    Asked { until: u64, left: u8 },
    /// The group was withdrawn, and the next question has its time; `left` announcements may follow.
    Leaving { due: u64, left: u8 },
    /// The group was withdrawn, and the peer was asked.
    Confirming { until: u64, again: u8, left: u8 },
    /// There is nothing left to do.
    Over,
}

/// What is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Who is a member: a multicast solicitation.
    All,
    /// Whether the peer still is one: a unicast solicitation.
    Of(Peer),
}

/// What an answer was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing: nobody asked for it.
    Nothing,
    /// The host has a peer now, or still.
    Peer,
    /// The peer has to be announced, for the first time or again.
    Announce { peer: Peer, first: bool },
}

/// The handover of one group on one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handover {
    peer: Option<Peer>,
    stage: Stage,
    draining: bool,
}

impl Handover {
    /// The group has been published.
    pub(crate) fn new(now: u64) -> Self {
        Self {
            peer: None,
            stage: Stage::Waiting { due: now + FIRST },
            draining: false,
        }
    }

    /// The other member that is known.
    pub(crate) fn peer(&self) -> Option<Peer> {
        self.peer
    }

    /// The group has been published again: nobody is announced any more. The peer may be still
    /// there.
    pub(crate) fn publish(&mut self, now: u64) {
        self.stage = Stage::Waiting { due: now + FIRST };
        self.draining = false;
    }

    /// The host takes no new neighbours: it does not tell other members that it has the group.
    pub(crate) fn drain(&mut self) {
        self.draining = true;
    }

    /// The host has stopped answering for the group.
    pub(crate) fn withdraw(&mut self, now: u64) {
        self.stage = match (self.stage, self.peer) {
            (Stage::Waiting { .. } | Stage::Asked { .. }, Some(_)) => Stage::Leaving {
                due: now,
                left: ANNOUNCEMENTS,
            },
            (leaving @ (Stage::Leaving { .. } | Stage::Confirming { .. }), Some(_)) => leaving,
            _ => Stage::Over,
        };
    }

    /// Whether the group is published.
    pub(crate) fn is_published(&self) -> bool {
        matches!(self.stage, Stage::Waiting { .. } | Stage::Asked { .. })
    }

    /// Whether the host may speak for the group.
    pub(crate) fn speaks(&self) -> bool {
        self.is_published() && !self.draining
    }

    /// Whether another member is known.
    pub(crate) fn has_peer(&self) -> bool {
        self.peer.is_some()
    }

    /// Among several members this one is to be announced, as others expect.
    pub(crate) fn prefer(&mut self, peer: Peer) {
        self.peer = Some(peer);
    }

    /// Handover is switched off: forgets the peer, and asks for one as soon as it is on again.
    pub(crate) fn rest(&mut self, now: u64) {
        self.peer = None;
        self.stage = match self.stage {
            Stage::Waiting { .. } | Stage::Asked { .. } => Stage::Waiting { due: now },
            Stage::Leaving { .. } | Stage::Confirming { .. } | Stage::Over => Stage::Over,
        };
    }

    /// The peer to announce now or never, as the device goes down.
    pub(crate) fn last_words(&self) -> Option<Peer> {
        match self.stage {
            Stage::Waiting { .. } | Stage::Asked { .. } => self.peer,
            Stage::Leaving { left, .. } | Stage::Confirming { left, .. } => {
                self.peer.filter(|_| left == ANNOUNCEMENTS)
            }
            Stage::Over => None,
        }
    }

    /// The device cannot send any more: a handover that goes on ends.
    pub(crate) fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Whether the peer of a withdrawn group has been asked, which answers at once.
    pub(crate) fn is_confirming(&self) -> bool {
        matches!(self.stage, Stage::Confirming { .. })
    }

    /// Whether the group was withdrawn and the handover goes on: neighbours wait for it.
    pub(crate) fn is_leaving(&self) -> bool {
        matches!(self.stage, Stage::Leaving { .. } | Stage::Confirming { .. })
    }

    /// Whether an answer would count now.
    pub(crate) fn listens(&self) -> bool {
        matches!(self.stage, Stage::Asked { .. } | Stage::Confirming { .. })
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> u64 {
        match self.stage {
            Stage::Waiting { due } | Stage::Leaving { due, .. } => due,
            Stage::Asked { until, .. } | Stage::Confirming { until, .. } => until,
            Stage::Over => u64::MAX,
        }
    }

    /// Does what is due. Returns what to ask.
    pub(crate) fn act(&mut self, now: u64) -> Option<Question> {
        if self.due() > now {
            return None;
        }
        match (self.stage, self.peer) {
            (Stage::Waiting { .. }, None) => Some(self.ask_all(now)),
            (Stage::Waiting { .. }, Some(peer)) => Some(self.ask(peer, now, QUESTIONS - 1)),
            (
                Stage::Asked {
                    left: left @ 1.., ..
                },
                Some(peer),
            ) => Some(self.ask(peer, now, left - 1)),
            (Stage::Asked { .. }, Some(_)) => Some(self.ask_all(now)),
            (Stage::Asked { .. }, None) => {
                self.stage = Stage::Waiting { due: now + REFRESH };
                None
            }
            (Stage::Leaving { left, .. }, Some(peer)) => {
                Some(self.confirm(peer, now, QUESTIONS - 1, left))
            }
            (
                Stage::Confirming {
                    again: again @ 1..,
                    left,
                    ..
                },
                Some(peer),
            ) => Some(self.confirm(peer, now, again - 1, left)),
            _ => {
                self.stage = Stage::Over;
                None
            }
        }
    }

    /// What [`Handover::act()`] returned could not be sent.
    pub(crate) fn failed(&mut self, now: u64) {
        self.stage = match self.stage {
            Stage::Waiting { .. } | Stage::Asked { .. } => Stage::Waiting { due: now + RETRY },
            Stage::Leaving { .. } | Stage::Confirming { .. } | Stage::Over => Stage::Over,
        };
    }

    /// An answer has come. `own` is the device's own link-layer address.
    pub(crate) fn hear(&mut self, now: u64, answer: &Answer, own: &LinkAddr) -> Heard {
        let Some(peer) = self.answering(now, answer, own) else {
            return Heard::Nothing;
        };
        self.peer = Some(peer);
        match self.stage {
            Stage::Confirming { left, .. } => {
                self.stage = match left - 1 {
                    0 => Stage::Over,
                    left => Stage::Leaving {
                        due: now + PAUSE,
                        left,
                    },
                };
                Heard::Announce {
                    peer,
                    first: left == ANNOUNCEMENTS,
                }
            }
            _ => {
                self.stage = Stage::Waiting { due: now + REFRESH };
                Heard::Peer
            }
        }
    }

    /// The peer as the answer shows it, if it was asked for.
    fn answering(&self, now: u64, answer: &Answer, own: &LinkAddr) -> Option<Peer> {
        if !self.listens() || now > self.due() {
            return None;
        }
        let link = match self.peer {
            Some(peer) => answer
                .link
                .is_none_or(|link| link == peer.link)
                .then_some(peer.link),
            None => answer.link.filter(|link| is_station(link) && link != own),
        };
        Some(Peer {
            link: link?,
            router: answer.router,
        })
    }

    fn ask_all(&mut self, now: u64) -> Question {
        self.peer = None;
        self.stage = Stage::Asked {
            until: now + ANSWER_OF_ANY,
            left: 0,
        };
        Question::All
    }

    fn ask(&mut self, peer: Peer, now: u64, left: u8) -> Question {
        let until = now + ANSWER_OF_PEER;
        self.stage = Stage::Asked { until, left };
        Question::Of(peer)
    }

    fn confirm(&mut self, peer: Peer, now: u64, again: u8, left: u8) -> Question {
        let until = now + ANSWER_OF_PEER;
        self.stage = Stage::Confirming { until, again, left };
        Question::Of(peer)
    }
}

/// Whether `link` can be the address of one station: neither a group's nor zero.
pub(super) fn is_station(link: &LinkAddr) -> bool {
    link[0] & 1 == 0 && *link != [0; 6]
}

/// How many messages may be sent in a time, so that many groups do not ask, or go, all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    since: u64,
    sent: u32,
}

impl Pace {
    /// Messages in a [`Pace::SPAN`].
    pub(crate) const MOST: u32 = 8;
    /// Milliseconds.
    pub(crate) const SPAN: u64 = 50;

    /// Nothing was sent yet.
    pub(crate) const fn new() -> Self {
        Self { since: 0, sent: 0 }
    }

    /// Whether another one may be sent `now`.
    pub(crate) fn allows(&mut self, now: u64) -> bool {
        if now >= self.since + Self::SPAN {
            *self = Self {
                since: now,
                sent: 0,
            };
        }
        self.sent < Self::MOST
    }

    /// One was sent.
    pub(crate) fn sent(&mut self) {
        self.sent += 1;
    }

    /// When there is room again.
    pub(crate) fn again(&self) -> u64 {
        self.since + Self::SPAN
    }
}
