// SPDX-License-Identifier: GPL-2.0

//! The part of the work of [`Handovers`] that tells other members that this one lives, and notices who
//! does not. [`heartbeat`](crate::decide::heartbeat) says what to do when.
//!
//! While groups beat, the socket stays open, and is read again after a part of the interval. Nobody is
//! lost while there is more to read.

use super::{
    clock::now,
    handover::{
        say,
        Handovers,
        Talk, //
    },
    hearts::{
        self,
        LastWord,
        Place, //
    },
    icmpv6_socket::Icmpv6Socket,
    net::Net,
    net_device::NetDevice, //
};
use crate::decide::{
    counter::Counter,
    heartbeat::{
        Pulse,
        Word, //
    },
    neighbour_message::{
        self,
        Sender, //
    },
};
use core::net::Ipv6Addr;
use kernel::prelude::*;

impl Handovers {
    /// Hears and sends beats at this interval; 0: ends.
    pub(super) fn beat(&self, net: &Net, talk: &mut Talk, interval: u64) {
        self.table.lock().hearten(now(), interval);
        self.last_words(net, talk);
        if interval == 0 || self.attend(net, talk, interval).is_err() {
            return;
        }
        let judge = self.listen(net, talk, 0);
        talk.behind = !judge;
        // Each has nothing to do after its turn.
        for _ in 0..hearts::MOST {
            let next = self.table.lock().hearts.next(now(), interval, judge);
            let Some(place) = next else {
                return;
            };
            self.pulse(net, talk, &place, (interval, judge));
        }
    }

    /// Begins to listen, if a group beats. What was heard before is out of date then.
    fn attend(&self, net: &Net, talk: &mut Talk, interval: u64) -> Result {
        let mut table = self.table.lock();
        if talk.socket.is_none() && !table.hearts.is_empty() {
            table.hearts.rest(now(), interval);
            drop(table);
            // SAFETY: `Handovers::close()` drops the socket, while the namespace is there.
            talk.socket = Some(unsafe { Icmpv6Socket::open(net) }?);
        }
        Ok(())
    }

    /// Says what groups that beat no more have to say yet.
    fn last_words(&self, net: &Net, talk: &mut Talk) {
        while talk.pace.allows(now()) {
            let Some(((ifindex, group), word)) = self.table.lock().hearts.last_word() else {
                return;
            };
            talk.pace.sent();
            if let Some(device) = net.device(ifindex) {
                if let Some(sender) = device.sender() {
                    tell(net, &device, &sender, &group, &word(sender.peer()));
                }
            }
        }
    }

    /// Before `device` is lost to us: says a last word about each group there.
    pub(super) fn part(&self, net: &Net, device: &NetDevice, word: LastWord) {
        let Some(sender) = device.sender() else {
            return;
        };
        let mut table = self.table.lock();
        for group in table.hearts.known(device.ifindex()) {
            tell(net, device, &sender, group, &word(sender.peer()));
        }
        table.hearts.forget(device.ifindex());
    }

    /// Does what is due for a group.
    fn pulse(&self, net: &Net, talk: &mut Talk, place: &Place, (interval, judge): (u64, bool)) {
        let device = net.device(place.0);
        let sender = device.as_ref().and_then(|device| device.sender());
        let mut table = self.table.lock();
        let peer = table
            .find(place.0, &place.1)
            .is_some_and(|it| it.has_peer());
        let Some(heart) = table.hearts.find(place) else {
            return;
        };
        let (Some(device), Some(sender)) = (device, sender) else {
            heart.rest(now(), interval);
            return;
        };
        let known = (peer, judge);
        let pulse = heart.act(now(), interval, &sender.link, known, &mut talk.pace);
        drop(table);
        show(net, &device, &sender, &place.1, &pulse);
    }

    /// Hears what another member says.
    pub(super) fn attend_to(&self, net: &Net, ifindex: i32, (group, word): (Ipv6Addr, Word)) {
        let Some(device) = net.device(ifindex) else {
            return;
        };
        let own = device.link_addr();
        let mut table = self.table.lock();
        let heart = table.hearts.find(&(ifindex, group));
        let counts = heart.is_some_and(|heart| heart.hear(now(), &word, &own));
        drop(table);
        if counts {
            net.stats().count(match word {
                Word::Beat(_) => Counter::BeatHeard,
                Word::Rest(_) | Word::Goodbye(_) => Counter::LastWordHeard,
            });
        }
    }
}

fn show(net: &Net, device: &NetDevice, sender: &Sender, group: &Ipv6Addr, pulse: &Pulse) {
    net.stats().add(Counter::MemberLost, pulse.lost.into());
    let own = sender.peer();
    if pulse.beat {
        tell(net, device, sender, group, &Word::Beat(own));
    }
    if let Some(first) = pulse.announce {
        if net.is_own_address(group, Some(device)) {
            return;
        }
        net.stats().add(Counter::TakenOver, first.into());
        let message = neighbour_message::announce(sender, group, &own);
        let _ = say(net, device, &message, Counter::Announced);
    }
}

fn tell(net: &Net, device: &NetDevice, sender: &Sender, group: &Ipv6Addr, word: &Word) {
    let counter = match word {
        Word::Beat(_) => Counter::BeatSent,
        Word::Rest(_) | Word::Goodbye(_) => Counter::LastWordSent,
    };
    let message = neighbour_message::tell(sender, group, word);
    let _ = say(net, device, &message, counter);
}
