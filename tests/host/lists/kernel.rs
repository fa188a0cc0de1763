// SPDX-License-Identifier: GPL-2.0

//! The kernel's objects: one group of one device at a time, on the device's list and in the hash.

use super::flaw::Flaw;
use crate::decide::users::{Entry, Occupied, Users, Vacant};
use loom::{
    cell::Cell,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Mutex, MutexGuard, RwLock,
    },
    thread::{self, ThreadId},
};
use std::{cell::RefCell, rc::Rc};

/// What a piece of memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    Unused,
    InUse,
    Freed,
}

/// The null pointer. Other pointers are the numbers of objects plus one.
pub(super) const NULL: usize = 0;
/// So many groups may be made.
const OBJECTS: usize = 4;

pub(super) struct Kernel {
    pub(super) flaw: Flaw,
    /// `idev->lock`
    idev_lock: Mutex<()>,
    /// `idev->ac_list`, for one group.
    ac_list: AtomicUsize,
    /// `inet6_acaddr_lst`, for one group.
    hash: AtomicUsize,
    /// The route of the address that is in its table: that of which object.
    fib: Mutex<Option<usize>>,
    /// Read by those who look, written by those who wait for a grace period.
    rcu: RwLock<()>,
    objects: Vec<Object>,
    made: std::cell::Cell<usize>,
    /// What was given to `call_rcu()`, and by whom.
    dying: RefCell<Vec<(ThreadId, usize)>>,
}

/// `struct ifacaddr6`
struct Object {
    memory: Cell<Memory>,
    references: AtomicUsize,
    /// `aca_users`
    users: Cell<i32>,
}

/// A reference to a group.
pub(super) struct Reference {
    kernel: Rc<Kernel>,
    index: usize,
}

/// The list of the device under `idev->lock`.
pub(super) struct Groups<'a> {
    kernel: &'a Rc<Kernel>,
    _lock: MutexGuard<'a, ()>,
}

/// The group on the list.
pub(super) struct OnList<'g, 'a>(&'g mut Groups<'a>, usize);

/// Room on the list.
pub(super) struct Room<'g, 'a>(&'g mut Groups<'a>);

impl Kernel {
    pub(super) fn new(flaw: Flaw) -> Rc<Self> {
        let object = |_| Object {
            memory: Cell::new(Memory::Unused),
            references: AtomicUsize::new(0),
            users: Cell::new(0),
        };
        Rc::new(Self {
            flaw,
            idev_lock: Mutex::new(()),
            ac_list: AtomicUsize::new(NULL),
            hash: AtomicUsize::new(NULL),
            fib: Mutex::new(None),
            rcu: RwLock::new(()),
            objects: (0..OBJECTS).map(object).collect(),
            made: std::cell::Cell::new(0),
            dying: RefCell::new(Vec::new()),
        })
    }

    /// A new group with one holder, on no list.
    pub(super) fn allocate(self: &Rc<Self>) -> Reference {
        let index = self.made.replace(self.made.get() + 1);
        let object = &self.objects[index];
        object.memory.set(Memory::InUse);
        object.users.set(1);
        object.references.store(1, Ordering::Relaxed);
        Reference {
            kernel: self.clone(),
            index,
        }
    }

    pub(super) fn lock_groups(self: &Rc<Self>) -> Groups<'_> {
        Groups {
            _lock: self.idev_lock.lock().unwrap(),
            kernel: self,
        }
    }

    /// Is the group on the device's list, is it in the hash? As packets ask.
    pub(super) fn is_held(&self) -> (bool, bool) {
        let _rcu = self.rcu.read().unwrap();
        let is_group = |pointer: usize| match pointer {
            NULL => false,
            _ => {
                assert_eq!(self.objects[pointer - 1].memory.get(), Memory::InUse);
                true
            }
        };
        let listed = is_group(self.ac_list.load(Ordering::Acquire));
        let hashed = is_group(self.hash.load(Ordering::Acquire));
        (listed, hashed)
    }

    /// `call_rcu()`
    fn call_rcu(&self, dying: usize) {
        let by = (thread::current().id(), dying);
        self.dying.borrow_mut().push(by);
    }

    /// Frees what this task gave to `call_rcu()`, when all who looked have looked away.
    pub(super) fn grace_period(&self) {
        let this = thread::current().id();
        let all = self.dying.take();
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(by, _)| *by == this);
        self.dying.replace(others);
        if !own.is_empty() {
            self.synchronize_rcu();
            own.into_iter().for_each(|(_, dying)| self.free(dying));
        }
    }

    fn synchronize_rcu(&self) {
        drop(self.rcu.write().unwrap());
    }

    fn free(&self, group: usize) {
        let memory = &self.objects[group].memory;
        assert_eq!(memory.replace(Memory::Freed), Memory::InUse, "freed twice");
    }

    /// How many hold the listed group, for `/proc`.
    pub(super) fn users(&self) -> Option<i32> {
        match self.ac_list.load(Ordering::Acquire) {
            NULL => None,
            pointer => Some(self.objects[pointer - 1].users.get()),
        }
    }

    /// When nobody is at work any more, and nobody but the list has references: is all as `holders` want
    /// it?
    pub(super) fn check(&self, holders: i32) {
        self.grace_period();
        assert_eq!(self.users().unwrap_or(0), holders, "users");
        let listed = self.ac_list.load(Ordering::Acquire);
        assert_eq!(self.hash.load(Ordering::Acquire), listed, "hash");
        for (index, object) in self.objects.iter().enumerate().take(self.made.get()) {
            let (memory, references) = match listed == index + 1 {
                true => (Memory::InUse, 1),
                false => (Memory::Freed, 0),
            };
            assert_eq!(object.memory.get(), memory, "leaked or freed early");
            assert_eq!(object.references.load(Ordering::Acquire), references);
        }
    }

    /// The administrator deletes the route.
    pub(super) fn lose_route(&self) {
        *self.fib.lock().unwrap() = None;
    }

    /// Does the route of the listed group, and no other, lead here?
    pub(super) fn check_route(&self) {
        let listed = match self.ac_list.load(Ordering::Acquire) {
            NULL => None,
            pointer => Some(pointer - 1),
        };
        assert_eq!(*self.fib.lock().unwrap(), listed, "route");
    }
}

impl Reference {
    /// A pointer that stands for the reference.
    pub(super) fn into_raw(self) -> usize {
        let pointer = self.index + 1;
        std::mem::forget(self);
        pointer
    }

    /// Puts the route of the group into its table, if there is none.
    pub(super) fn insert_route(&self) {
        self.kernel.fib.lock().unwrap().get_or_insert(self.index);
    }

    pub(super) fn delete_route(&self) {
        let mut fib = self.kernel.fib.lock().unwrap();
        if *fib == Some(self.index) {
            *fib = None;
        }
    }

    /// Enters the hash, as it should under `idev->lock`.
    pub(super) fn hash(&self) {
        self.kernel.hash.store(self.index + 1, Ordering::Release);
    }

    pub(super) fn users(&self) -> Users {
        let users = &self.kernel.objects[self.index].users;
        Users::from_raw(users.get())
    }
}

impl Clone for Reference {
    fn clone(&self) -> Self {
        let references = &self.kernel.objects[self.index].references;
        let before = references.fetch_add(1, Ordering::Relaxed);
        assert_ne!(before, 0, "a reference to what is going");
        Self {
            kernel: self.kernel.clone(),
            index: self.index,
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // loom has found something, and is taking all down.
        if std::thread::panicking() {
            return;
        }
        let references = &self.kernel.objects[self.index].references;
        match references.fetch_sub(1, Ordering::AcqRel) {
            1 if self.kernel.flaw == Flaw::NoGracePeriod => self.kernel.free(self.index),
            1 => self.kernel.call_rcu(self.index),
            before => assert_ne!(before, 0, "one reference too few"),
        }
    }
}

impl<'a> Groups<'a> {
    pub(super) fn entry(&mut self) -> Entry<OnList<'_, 'a>, Room<'_, 'a>> {
        match self.kernel.ac_list.load(Ordering::Relaxed) {
            NULL => Entry::Vacant(Room(self)),
            pointer => Entry::Occupied(OnList(self, pointer - 1)),
        }
    }

    /// Puts `new` in the place of `old`. Returns the list's reference to that, if it was there.
    pub(super) fn replace(&mut self, old: &Reference, new: &Reference) -> Option<Reference> {
        if self.kernel.ac_list.load(Ordering::Relaxed) != old.index + 1 {
            return None;
        }
        self.put(new);
        new.hash();
        self.kernel.objects[new.index]
            .users
            .set(old.users().as_raw());
        Some(self.reference_of_list(old.index))
    }

    fn put(&mut self, group: &Reference) {
        let pointer = group.clone().into_raw();
        let order = match self.kernel.flaw {
            Flaw::SeenEarly => Ordering::Relaxed,
            _ => Ordering::Release,
        };
        self.kernel.ac_list.store(pointer, order);
    }

    fn reference_of_list(&self, index: usize) -> Reference {
        Reference {
            kernel: self.kernel.clone(),
            index,
        }
    }
}

impl OnList<'_, '_> {
    /// One more reference.
    pub(super) fn reference(&self) -> Reference {
        let lists = std::mem::ManuallyDrop::new(self.0.reference_of_list(self.1));
        Reference::clone(&lists)
    }
}

impl Occupied for OnList<'_, '_> {
    type Delisted = Reference;

    fn users(&self) -> Users {
        Users::from_raw(self.0.kernel.objects[self.1].users.get())
    }

    fn set_users(&mut self, users: Users) {
        let object = &self.0.kernel.objects[self.1];
        object.users.set(users.as_raw());
    }

    fn remove(self) -> Reference {
        let kernel = self.0.kernel;
        kernel.ac_list.store(NULL, Ordering::Release);
        if kernel.hash.load(Ordering::Relaxed) == self.1 + 1 {
            kernel.hash.store(NULL, Ordering::Release);
        }
        let reference = self.0.reference_of_list(self.1);
        if kernel.flaw == Flaw::ReferenceKept {
            std::mem::forget(reference.clone());
        }
        reference
    }
}

impl Vacant for Room<'_, '_> {
    type Unlisted = Reference;
    type Listed = Reference;

    fn insert(self, group: &Reference) -> Reference {
        self.0.put(group);
        if self.0.kernel.flaw != Flaw::HashedLate {
            group.hash();
        }
        group.clone()
    }
}
