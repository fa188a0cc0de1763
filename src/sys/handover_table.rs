// SPDX-License-Identifier: GPL-2.0

//! The handovers of a network namespace, by device and group.
//!
//! The table is bounded. At its limits, and without memory, a group ends without handover.

use super::{
    clock::now,
    hearts::{
        self,
        Hearts, //
    },
    memory::CHARGED_OR_NONE, //
};
use crate::decide::handover::{
    Handover,
    Question, //
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    rbtree::RBTree, //
};

/// The most groups of a device that can be handed over.
const OF_DEVICE: usize = 256;
/// The most groups of a namespace that can be handed over.
const OF_NET: usize = 1024;

/// The handovers of each device, by its index. A device without any is not there.
pub(super) struct Table {
    links: RBTree<i32, Link>,
    groups: usize,
    pub(super) hearts: Hearts,
    /// A group may beat that does not.
    heartless: bool,
}

struct Link {
    handovers: RBTree<Ipv6Addr, Handover>,
    groups: usize,
}

/// Something to ask about a group.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub(super) ifindex: i32,
    pub(super) group: Ipv6Addr,
    pub(super) question: Question,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            links: RBTree::new(),
            groups: 0,
            hearts: Hearts::new(),
            heartless: true,
        }
    }

    /// Fails with `ENOMEM`, or `ENOBUFS` at a limit.
    pub(super) fn publish(&mut self, ifindex: i32, group: &Ipv6Addr) -> Result {
        self.heartless = true;
        self.hearts.take_back(&(ifindex, *group));
        if let Some(handover) = self.find(ifindex, group) {
            handover.publish(now());
            return Ok(());
        }
        if self.groups >= OF_NET {
            return Err(ENOBUFS);
        }
        if self.links.get(&ifindex).is_none() {
            let link = Link {
                handovers: RBTree::new(),
                groups: 0,
            };
            self.links
                .try_create_and_insert(ifindex, link, CHARGED_OR_NONE)?;
        }
        let link = self.links.get_mut(&ifindex).ok_or(ENOENT)?;
        let result = link.publish(group);
        self.groups += usize::from(result.is_ok());
        self.drop_if_empty(ifindex);
        result
    }

    /// Returns whether there is something to do yet.
    pub(super) fn withdraw(&mut self, ifindex: i32, group: &Ipv6Addr, wanted: bool) -> bool {
        let place = (ifindex, *group);
        let heir = self.hearts.heir(&place);
        let Some(handover) = self.find(ifindex, group) else {
            return false;
        };
        if let Some(heir) = heir {
            handover.prefer(heir);
        }
        handover.withdraw(now());
        let goes_on = wanted && handover.is_leaving();
        if !goes_on {
            self.remove(ifindex, group);
        }
        let word = if wanted {
            hearts::goodbye
        } else {
            hearts::rest
        };
        self.hearts.end(&place, word);
        self.heartless = true;
        goes_on || self.hearts.has_last_word()
    }

    /// The host takes no new neighbours for a group, and does not speak for it. Returns whether there is
    /// something to do yet.
    pub(super) fn drain(&mut self, ifindex: i32, group: &Ipv6Addr) -> bool {
        if let Some(handover) = self.find(ifindex, group) {
            handover.drain();
        }
        self.hearts.end(&(ifindex, *group), hearts::rest);
        self.heartless = true;
        self.hearts.has_last_word()
    }

    /// Lets the published groups beat, as many as may; with an interval of 0 none.
    pub(super) fn hearten(&mut self, now: u64, interval: u64) {
        if interval == 0 {
            self.hearts.end_all();
            self.heartless = true;
        }
        if interval == 0 || !self.heartless {
            return;
        }
        let links = self.links.iter();
        let all = links.flat_map(|(&ifindex, link)| {
            let handovers = link.handovers.iter();
            handovers.map(move |(&group, handover)| ((ifindex, group), handover))
        });
        let published = all.filter(|(_, handover)| handover.speaks());
        for (place, _) in published {
            if self.hearts.is_full() {
                break;
            }
            if !self.hearts.has(&place) && self.hearts.begin(place, now, interval).is_err() {
                return;
            }
        }
        self.heartless = false;
    }

    pub(super) fn find(&mut self, ifindex: i32, group: &Ipv6Addr) -> Option<&mut Handover> {
        self.links.get_mut(&ifindex)?.handovers.get_mut(group)
    }

    /// The groups of a device.
    pub(super) fn of(&self, ifindex: i32) -> impl Iterator<Item = (&Ipv6Addr, &Handover)> {
        let link = self.links.get(&ifindex);
        link.into_iter().flat_map(|link| link.handovers.iter())
    }

    fn all(&mut self) -> impl Iterator<Item = (i32, Ipv6Addr, &mut Handover)> {
        self.links.iter_mut().flat_map(|(&ifindex, link)| {
            let handovers = link.handovers.iter_mut();
            handovers.map(move |(&group, handover)| (ifindex, group, handover))
        })
    }

    /// Whether any of the handovers is so.
    pub(super) fn any(&mut self, is: impl Fn(&Handover) -> bool) -> bool {
        self.all().any(|(.., handover)| is(handover))
    }

    /// When there is something to do next.
    pub(super) fn due(&mut self) -> Option<u64> {
        self.all().map(|(.., handover)| handover.due()).min()
    }

    /// What to ask now for a group that was withdrawn, or for one that was not.
    pub(super) fn next(&mut self, leaving: bool) -> Option<Task> {
        let now = now();
        let mut some = self
            .all()
            .filter(|(.., handover)| handover.is_leaving() == leaving);
        some.find_map(|(ifindex, group, handover)| {
            handover.act(now).map(|question| Task {
                ifindex,
                group,
                question,
            })
        })
    }

    pub(super) fn failed(&mut self, task: &Task) {
        if let Some(handover) = self.find(task.ifindex, &task.group) {
            handover.failed(now());
        }
    }

    pub(super) fn rest(&mut self) {
        let now = now();
        self.all().for_each(|(.., handover)| handover.rest(now));
        self.sweep();
    }

    /// Removes what is over.
    pub(super) fn sweep(&mut self) {
        while let Some((ifindex, group)) = self.first(Handover::is_over) {
            self.remove(ifindex, &group);
        }
    }

    fn first(&mut self, is: impl Fn(&Handover) -> bool) -> Option<(i32, Ipv6Addr)> {
        let found = self.all().find(|(.., handover)| is(handover))?;
        Some((found.0, found.1))
    }

    fn remove(&mut self, ifindex: i32, group: &Ipv6Addr) {
        if let Some(link) = self.links.get_mut(&ifindex) {
            if link.handovers.remove(group).is_some() {
                link.groups -= 1;
                self.groups -= 1;
            }
            self.drop_if_empty(ifindex);
        }
    }

    fn drop_if_empty(&mut self, ifindex: i32) {
        if self
            .links
            .get(&ifindex)
            .is_some_and(|link| link.groups == 0)
        {
            self.links.remove(&ifindex);
        }
    }

    pub(super) fn forget(&mut self, ifindex: i32) {
        self.hearts.forget(ifindex);
        if let Some(link) = self.links.remove(&ifindex) {
            self.groups -= link.groups;
        }
    }

    /// Forgets the groups of a device that were withdrawn.
    pub(super) fn forget_leaving(&mut self, ifindex: i32) {
        if let Some(link) = self.links.get_mut(&ifindex) {
            for handover in link.handovers.values_mut() {
                if handover.is_leaving() {
                    handover.end();
                }
            }
        }
        self.sweep();
    }
}

impl Link {
    fn publish(&mut self, group: &Ipv6Addr) -> Result {
        if self.groups >= OF_DEVICE {
            return Err(ENOBUFS);
        }
        self.handovers
            .try_create_and_insert(*group, Handover::new(now()), CHARGED_OR_NONE)?;
        self.groups += 1;
        Ok(())
    }
}
