// SPDX-License-Identifier: GPL-2.0

//! The module: the side tables with the interface of one device, its publish lock, and its ledger with
//! room for one group.

use super::{
    c,
    flaw::Flaw,
    index::Indexed,
    kernel::{Kernel, Reference},
};
use crate::decide::{
    holders::{Holder, Holders},
    lifecycle::{self, Observed, Step},
    users::{Entry, Vacant},
};
use loom::sync::{atomic::Ordering, Mutex, MutexGuard};
use std::{cell::Cell, mem, rc::Rc};

/// `src/group/registry.rs`
enum Tables {
    Absent,
    Filled(Rc<Interface>),
}

enum Way<'a> {
    Interface(Rc<Interface>),
    /// The guard keeps everybody else out.
    List(MutexGuard<'a, Tables>),
}

/// `src/group/device.rs`
struct Interface {
    publish: Mutex<State>,
}

enum State {
    Open(Ledger),
    /// The index still has the groups.
    HandedBack {
        _ledger: Ledger,
    },
    Closed,
}

struct Closed;

/// `src/group/set.rs`
#[derive(Default)]
struct Ledger {
    group: Option<Group>,
}

/// `src/group/group.rs`
struct Group {
    holders: Holders,
    publication: Publication,
    _indexed: Indexed,
}

enum Publication {
    Published(Reference),
    /// The group is on no list; it has never been used.
    Dormant(Reference),
}

pub(super) struct Module {
    kernel: Rc<Kernel>,
    tables: Mutex<Tables>,
    /// Somebody came by the list.
    pub(super) by_list: Cell<bool>,
    /// Somebody found an interface closed.
    pub(super) closed: Cell<bool>,
}

impl Module {
    /// While tasks move from C to Rust.
    pub(super) fn loaded(kernel: &Rc<Kernel>) -> Rc<Self> {
        Rc::new(Self {
            kernel: kernel.clone(),
            tables: Mutex::new(Tables::Absent),
            by_list: Cell::new(false),
            closed: Cell::new(false),
        })
    }

    // ---- src/group/mod.rs ----

    pub(super) fn join(&self) {
        loop {
            match self.way() {
                Way::List(_guard) => {
                    self.by_list.set(true);
                    return c::join_in_rust(&self.kernel);
                }
                Way::Interface(interface) => {
                    if self.joined(&interface).is_ok() || self.kernel.flaw == Flaw::NoSecondLook {
                        return;
                    }
                }
            }
            self.closed.set(true);
        }
    }

    /// Says whether there was such a group.
    pub(super) fn leave(&self) -> bool {
        loop {
            match self.way() {
                Way::List(_guard) => {
                    self.by_list.set(true);
                    return c::leave(&self.kernel);
                }
                Way::Interface(interface) => {
                    if let Ok(left) = interface.with(|ledger| ledger.leave(&self.kernel)) {
                        return left;
                    }
                    if self.kernel.flaw == Flaw::NoSecondLook {
                        return false;
                    }
                }
            }
            self.closed.set(true);
        }
    }

    fn joined(&self, interface: &Interface) -> Result<(), Closed> {
        interface.with(|ledger| ledger.join(&self.kernel))
    }

    // ---- src/entry/events.rs ----

    pub(super) fn device_changed(&self) {
        if let Way::Interface(interface) = self.way() {
            let settled = interface.with(|ledger| ledger.settle(&self.kernel));
            // What has left the tables is settled.
            self.closed.set(self.closed.get() | settled.is_err());
        }
    }

    // ---- src/group/registry.rs, src/group/reconcile.rs ----

    /// All tasks have left C.
    pub(super) fn adopt(&self) {
        let early =
            (self.kernel.flaw == Flaw::AdoptedUnlocked).then(|| Ledger::adopt(&self.kernel));
        let mut tables = self.tables.lock().unwrap();
        if self.kernel.flaw == Flaw::CompleteEarly {
            self.kernel.index.complete();
        }
        let ledger = early.unwrap_or_else(|| Ledger::adopt(&self.kernel));
        *tables = Tables::Filled(Rc::new(Interface {
            publish: Mutex::new(State::Open(ledger)),
        }));
        self.kernel.index.complete();
        drop(tables);
        self.device_changed();
    }

    /// All tasks are about to move back to C.
    pub(super) fn hand_back(&self) {
        let mut tables = self.tables.lock().unwrap();
        if let Tables::Filled(interface) = &*tables {
            interface.hand_back(&self.kernel);
            if self.kernel.flaw == Flaw::BuriedEarly {
                interface.bury(&self.kernel);
            }
            self.kernel.incomplete();
            interface.bury(&self.kernel);
        }
        *tables = Tables::Absent;
    }

    fn way(&self) -> Way<'_> {
        let tables = self.tables.lock().unwrap();
        match &*tables {
            Tables::Filled(interface) => Way::Interface(interface.clone()),
            Tables::Absent => Way::List(tables),
        }
    }
}

impl Interface {
    fn with<T>(&self, action: impl FnOnce(&mut Ledger) -> T) -> Result<T, Closed> {
        match &mut *self.publish.lock().unwrap() {
            State::Open(ledger) => Ok(action(ledger)),
            State::HandedBack { .. } | State::Closed => Err(Closed),
        }
    }

    fn hand_back(&self, kernel: &Rc<Kernel>) {
        let mut state = self.publish.lock().unwrap();
        *state = match mem::replace(&mut *state, State::Closed) {
            State::Open(mut ledger) => {
                ledger.hand_back(kernel);
                match kernel.flaw {
                    Flaw::LeftOpen => State::Open(ledger),
                    _ => State::HandedBack { _ledger: ledger },
                }
            }
            closed => closed,
        };
    }

    fn bury(&self, kernel: &Kernel) {
        if kernel.flaw != Flaw::LeftOpen {
            *self.publish.lock().unwrap() = State::Closed;
        }
    }
}

impl Ledger {
    fn adopt(kernel: &Rc<Kernel>) -> Self {
        let group = match kernel.lock_groups().entry() {
            Entry::Vacant(_) => None,
            Entry::Occupied(listed) => Some(listed.reference()),
        };
        Self {
            group: group.map(|listed| Group {
                holders: Holders::adopt(listed.users(), 0),
                _indexed: Indexed::new(kernel, Some(&listed)),
                publication: Publication::Published(listed),
            }),
        }
    }

    fn join(&mut self, kernel: &Rc<Kernel>) {
        let group = self.group.get_or_insert_with(|| Group {
            holders: Holders::default(),
            publication: Publication::Dormant(kernel.allocate()),
            _indexed: Indexed::new(kernel, None),
        });
        group.holders = group.holders.join(Holder::Stranger).unwrap();
        self.settle(kernel);
    }

    fn leave(&mut self, kernel: &Rc<Kernel>) -> bool {
        let Some(group) = &mut self.group else {
            return false;
        };
        let Ok(holders) = group.holders.leave(Holder::Stranger) else {
            return false;
        };
        group.holders = holders;
        self.settle(kernel);
        true
    }

    fn settle(&mut self, kernel: &Rc<Kernel>) {
        let Some(group) = &mut self.group else { return };
        group.settle(kernel);
        if group.holders.users().is_none() {
            self.group = None;
        }
    }

    fn hand_back(&mut self, kernel: &Rc<Kernel>) {
        if let Some(group) = &mut self.group {
            group.hand_back(kernel);
        }
    }
}

impl Group {
    fn settle(&mut self, kernel: &Rc<Kernel>) {
        self.count(kernel);
        for _ in 0..2 {
            let carried = kernel.up.load(Ordering::Acquire);
            let (state, reachable) = match &self.publication {
                Publication::Published(listed) => (lifecycle::State::Published, listed.has_route()),
                Publication::Dormant(_) => (lifecycle::State::Dormant, false),
            };
            let sight = Observed {
                held: self.holders.users().is_some(),
                carried,
                // Nobody numbers the host meanwhile.
                yields: false,
                reachable,
            };
            match lifecycle::step(state, sight) {
                None => break,
                Some(Step::Publish) => self.publish(kernel),
                Some(Step::Repair) => self.reroute(kernel),
                Some(Step::Suspend | Step::Withdraw) => self.suspend(kernel),
            }
        }
    }

    fn count(&mut self, kernel: &Rc<Kernel>) {
        let (Publication::Published(listed), Some(users)) =
            (&self.publication, self.holders.users())
        else {
            return;
        };
        if listed.users() != users {
            kernel.lock_groups().set_users(listed, users);
        }
    }

    fn publish(&mut self, kernel: &Rc<Kernel>) {
        let (Publication::Dormant(unlisted), Some(users)) =
            (&self.publication, self.holders.users())
        else {
            return;
        };
        let mut groups = kernel.lock_groups();
        groups.set_users(unlisted, users);
        let listed = match groups.entry() {
            Entry::Vacant(place) => place.insert(unlisted),
            Entry::Occupied(_) => return,
        };
        drop(groups);
        listed.insert_route();
        self.publication = Publication::Published(listed);
    }

    fn reroute(&mut self, kernel: &Rc<Kernel>) {
        let Publication::Published(listed) = &self.publication else {
            return;
        };
        let fresh = kernel.allocate();
        fresh.insert_route();
        if !fresh.has_route() {
            return;
        }
        let old = kernel.lock_groups().replace(listed, &fresh);
        match old {
            Some(_) => self.publication = Publication::Published(fresh),
            None => fresh.delete_route(),
        }
    }

    fn suspend(&mut self, kernel: &Rc<Kernel>) {
        let Publication::Published(listed) = &self.publication else {
            return;
        };
        let removed = match kernel.lock_groups().entry() {
            Entry::Occupied(group) => Some(crate::decide::users::Occupied::remove(group)),
            Entry::Vacant(_) => None,
        };
        listed.delete_route();
        drop(removed);
        // What it takes to list it again.
        self.publication = Publication::Dormant(kernel.allocate());
    }

    fn hand_back(&mut self, kernel: &Rc<Kernel>) {
        if kernel.flaw != Flaw::DormantForgotten {
            self.publish(kernel);
        }
    }
}
