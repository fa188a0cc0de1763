// SPDX-License-Identifier: GPL-2.0

//! The handovers of a network namespace, and the work that asks for peers and announces them.
//!
//! [`handover`](crate::decide::handover) says what to do when. All of it is done in a work item: what
//! comes in waits in the queue of a socket, which is open only while an answer may come, or while groups
//! beat ([`heartbeat`](super::heartbeat)). So no packet runs code of ours, and without beats nobody can
//! make the host do anything but by answering a question of its own.

use super::{
    clock::now,
    genl::{
        self,
        Command,
        GroupAttribute, //
    },
    handover_table::{
        Table,
        Task, //
    },
    hearts,
    icmpv6_socket::{
        Heard as Message,
        Icmpv6Socket, //
    },
    net::Net,
    net_device::NetDevice,
    net_work::NetWork,
    work, //
};
use crate::decide::{
    counter::Counter,
    handover::{
        Handover,
        Heard,
        LinkAddr,
        Pace,
        Peer,
        Question, //
    },
    heartbeat,
    neighbour_message::{
        self,
        Packet, //
    },
};
use core::{
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// Milliseconds between two looks for answers that may be delayed.
const LOOK: u64 = 50;
/// Milliseconds to wait for an answer that is not.
const WAIT: u32 = 20;
/// Milliseconds until the next look for beats when there is more to read, and at least.
const BUSY: u64 = 10;
/// The most messages that are read at a time.
const AT_ONCE: usize = 64;

/// The handovers of a namespace.
#[pin_data]
pub(crate) struct Handovers {
    work: NetWork,
    #[pin]
    pub(super) table: Mutex<Table>,
    /// For the work alone. Taken before `table`, which is taken under the locks of groups.
    #[pin]
    talk: Mutex<Talk>,
}

pub(super) struct Talk {
    pub(super) socket: Option<Icmpv6Socket>,
    pub(super) pace: Pace,
    /// More has come than was read.
    pub(super) behind: bool,
}

impl Talk {
    fn new() -> Self {
        Self {
            socket: None,
            pace: Pace::new(),
            behind: false,
        }
    }
}

impl Handovers {
    /// No handovers in `net`.
    pub(super) fn new(net: NonNull<Net>) -> impl PinInit<Self> {
        pin_init!(Self {
            work: NetWork::new(&work::SYSTEM, net, |net| net.handovers().work(net)),
            table <- new_mutex!(Table::new(), "anycast6 handovers"),
            talk <- new_mutex!(Talk::new(), "anycast6 handover work"),
        })
    }

    /// Begins to work.
    ///
    /// # Safety
    ///
    /// The namespace stays until [`Handovers::close()`], and has all of ours by now.
    pub(super) unsafe fn open(&self) {
        // SAFETY: It is opened once, with its namespace, where it stays. The system's queue is always there.
        unsafe { self.work.open() }
    }

    /// Stops, and forgets all. Sleeps.
    pub(super) fn close(&self) {
        self.work.close();
        *self.table.lock() = Table::new();
        self.talk.lock().socket = None;
    }

    /// A setting has changed.
    pub(super) fn soon(&self) {
        self.work.soon();
    }

    /// The host answers for `group` on `device`: finds a peer.
    pub(crate) fn publish(&self, device: &NetDevice, group: &Ipv6Addr) {
        if !device.has_ethernet_neighbours() {
            return;
        }
        let published = self.table.lock().publish(device.ifindex(), group);
        if published.is_ok() {
            self.work.soon();
        }
    }

    /// The host has stopped answering for `group` on `device`; others may serve it if `to_others`.
    pub(crate) fn withdraw(&self, device: &NetDevice, group: &Ipv6Addr, to_others: bool) {
        let wanted = to_others && device.net().settings().handover();
        if self.table.lock().withdraw(device.ifindex(), group, wanted) {
            self.work.soon();
        }
    }

    /// The host takes no new neighbours for `group` on `device`.
    pub(crate) fn drain(&self, device: &NetDevice, group: &Ipv6Addr) {
        if self.table.lock().drain(device.ifindex(), group) {
            self.work.soon();
        }
    }

    /// Forgets all groups of `device`, which others may serve on. Process context.
    pub(crate) fn forget(&self, device: &NetDevice) {
        self.part(device.net(), device, hearts::rest);
        self.table.lock().forget(device.ifindex());
    }

    /// The link-layer address of the peer of `group` on `device`.
    pub(crate) fn peer(&self, device: &NetDevice, group: &Ipv6Addr) -> Option<LinkAddr> {
        let mut table = self.table.lock();
        let peer = table.find(device.ifindex(), group)?.peer()?;
        Some(peer.link)
    }

    /// `device` goes down now: announces all peers that are known, once. The groups of the host are
    /// withdrawn afterwards. Process context.
    pub(crate) fn going_down(&self, device: &NetDevice) {
        let net = device.net();
        let (true, Some(sender)) = (net.settings().handover(), device.sender()) else {
            return;
        };
        let mut table = self.table.lock();
        for (group, handover) in table.of(device.ifindex()) {
            let heir = handover
                .is_published()
                .then(|| table.hearts.heir(&(device.ifindex(), *group)));
            let Some(peer) = heir.flatten().or_else(|| handover.last_words()) else {
                continue;
            };
            if !net.is_own_address(group, Some(device)) {
                handed_over(net, device, group, &peer);
                let message = neighbour_message::announce(&sender, group, &peer);
                let _ = say(net, device, &message, Counter::Announced);
            }
        }
        table.forget_leaving(device.ifindex());
        drop(table);
        self.part(net, device, hearts::goodbye);
    }

    /// One round of the work.
    fn work(&self, net: &Net) {
        let talk = &mut *self.talk.lock();
        let on = net.settings().handover();
        let interval = if on { net.settings().heartbeat() } else { 0 }.into();
        self.beat(net, talk, interval);
        if on {
            self.act(net, talk);
            self.listen(net, talk, self.patience());
        } else {
            self.table.lock().rest();
        }
        self.go_on(talk, on, interval);
    }

    /// Milliseconds to wait for an answer.
    fn patience(&self) -> u32 {
        match self.table.lock().any(Handover::is_confirming) {
            true => WAIT,
            false => 0,
        }
    }

    /// Sends what is due: first where neighbours wait for it.
    fn act(&self, net: &Net, talk: &mut Talk) {
        for leaving in [true, false] {
            while talk.pace.allows(now()) {
                let Some(task) = self.table.lock().next(leaving) else {
                    break;
                };
                talk.pace.sent();
                if self.ask(net, talk, &task).is_err() {
                    self.table.lock().failed(&task);
                }
            }
        }
    }

    fn ask(&self, net: &Net, talk: &mut Talk, task: &Task) -> Result {
        let device = net.device(task.ifindex).ok_or(ENODEV)?;
        let sender = device.sender().ok_or(EAGAIN)?;
        if net.is_own_address(&task.group, Some(&device)) {
            return Err(EADDRINUSE);
        }
        if talk.socket.is_none() {
            // SAFETY: `Handovers::close()` drops the socket, while the namespace is there.
            talk.socket = Some(unsafe { Icmpv6Socket::open(net) }?);
        }
        let message = match task.question {
            Question::All => neighbour_message::ask_all(&sender, &task.group),
            Question::Of(peer) => neighbour_message::ask(&sender, &task.group, &peer),
        };
        say(net, &device, &message, Counter::Solicited)
    }

    /// Reads what has come, and waits a moment for what comes at once. Returns whether that is all.
    pub(super) fn listen(&self, net: &Net, talk: &mut Talk, mut wait: u32) -> bool {
        let Some(socket) = &mut talk.socket else {
            return true;
        };
        for _ in 0..AT_ONCE {
            let Some(message) = socket.hear(wait) else {
                return true;
            };
            self.hear(net, &message);
            wait = 0;
        }
        false
    }

    fn hear(&self, net: &Net, message: &Message) {
        if let Some(told) = message.word() {
            self.attend_to(net, message.ifindex, told);
        }
        let Some((group, answer)) = message.answer() else {
            return;
        };
        let Some(device) = net.device(message.ifindex) else {
            return;
        };
        let own = device.link_addr();
        let heard = match self.table.lock().find(message.ifindex, &group) {
            Some(handover) => handover.hear(now(), &answer, &own),
            None => Heard::Nothing,
        };
        match heard {
            Heard::Nothing => (),
            Heard::Peer => net.stats().count(Counter::Answered),
            Heard::Announce { peer, first } => {
                net.stats().count(Counter::Answered);
                if first {
                    handed_over(net, &device, &group, &peer);
                }
                if let Some(sender) = device.sender() {
                    let message = neighbour_message::announce(&sender, &group, &peer);
                    let _ = say(net, &device, &message, Counter::Announced);
                }
            }
        }
    }

    /// Arranges for the next round.
    fn go_on(&self, talk: &mut Talk, on: bool, interval: u64) {
        let mut table = self.table.lock();
        table.sweep();
        let now = now();
        let later = |due| if due <= now { talk.pace.again() } else { due };
        let words = table.hearts.has_last_word().then(|| talk.pace.again());
        let beats = table.hearts.due(interval).filter(|_| interval > 0);
        let latest = if talk.behind {
            0
        } else {
            heartbeat::look(interval)
        };
        let beats = beats.map(|due| due.min(now + latest).max(now + BUSY));
        let handovers = table.due().filter(|_| on).map(later);
        let confirming = on && table.any(Handover::is_confirming);
        let listening = on && table.any(Handover::listens);
        drop(table);
        if !listening && beats.is_none() {
            talk.socket = None;
        }
        let answer = listening.then(|| if confirming { now } else { now + LOOK });
        let next = [words, beats, handovers, answer]
            .into_iter()
            .flatten()
            .min();
        if let Some(next) = next {
            self.work.after(next.saturating_sub(now));
        }
    }
}

/// Counts a handover, and tells users. Process context.
fn handed_over(net: &Net, device: &NetDevice, group: &Ipv6Addr, peer: &Peer) {
    net.stats().count(Counter::HandedOver);
    genl::tell(net, Command::HandoverNtf, |message| {
        message.put_u32(GroupAttribute::Ifindex, device.ifindex().unsigned_abs())?;
        message.put_text(GroupAttribute::Device, device.name().as_bytes())?;
        message.put(GroupAttribute::Address, &group.octets())?;
        message.put(GroupAttribute::Peer, &peer.link)
    });
}

/// Sends a message, and counts it.
pub(super) fn say(
    net: &Net,
    device: &NetDevice,
    (packet, to): &(Packet, LinkAddr),
    counter: Counter,
) -> Result {
    device.send(packet, to)?;
    net.stats().count(counter);
    Ok(())
}
