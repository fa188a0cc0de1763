// SPDX-License-Identifier: GPL-2.0

//! `rust/kernel/sync`. Taking a lock is an action of the stage; giving it back lets nobody come.

pub use crate::global_lock;
use crate::{
    alloc::Flags,
    error::Error,
    stage::{self, digest},
};
use std::{
    cell::{Cell, UnsafeCell},
    hash::{Hash, Hasher},
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::OnceLock,
    task::Poll,
};

/// At most so many locks, and so many atomics that are not what they were in the beginning.
const LOCKS: usize = 8;

/// A lock as it looks from outside.
#[derive(Clone, Copy, Hash)]
struct Look {
    used: bool,
    held: bool,
    /// What the data were when it was last given back.
    data: u64,
}

const UNUSED: Look = Look {
    used: false,
    held: false,
    data: 0,
};

thread_local! {
    static TABLE: Cell<[Look; LOCKS]> = const { Cell::new([UNUSED; LOCKS]) };
    /// The globals, by their addresses.
    static GLOBALS: Cell<[(usize, usize); LOCKS]> = const { Cell::new([(0, 0); LOCKS]) };
    /// Likewise atomics.
    static ATOMICS: Cell<[(usize, u64); LOCKS]> = const { Cell::new([(0, 0); LOCKS]) };
    static FLAW: Cell<Flaw> = const { Cell::new(Flaw::None) };
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// What may be wrong with locks and atomics.
#[derive(Clone, Copy)]
pub enum Flaw {
    /// Nothing.
    None,
    /// The lock of this name keeps nobody out.
    Open(&'static str),
    /// It does not keep this actor out, nor does that one keep out others.
    OpenTo(&'static str, usize),
    /// Loads with [`atomic::Acquire`] see what was there in the beginning.
    Blind,
    /// This is called some time before each of them.
    Before(fn()),
}

/// Leaves a piece out.
pub fn set_flaw(flaw: Flaw) {
    FLAW.set(flaw);
}

/// Does anybody change what spinlocks and atomics are about, in this scenario? If not, they are no
/// actions of their own.
pub fn set_busy(busy: bool) {
    BUSY.set(busy);
}

pub(crate) fn begin() {
    TABLE.set([UNUSED; LOCKS]);
    GLOBALS.set([(0, 0); LOCKS]);
    ATOMICS.set([(0, 0); LOCKS]);
    FLAW.set(Flaw::None);
    BUSY.set(false);
    rcu::begin();
}

pub(crate) fn state() -> u64 {
    // In whatever order they were written first.
    let atomics = ATOMICS
        .get()
        .iter()
        .fold(0, |sum: u64, atomic| sum.wrapping_add(digest(atomic)));
    digest(&(TABLE.get(), atomics, rcu::readers()))
}

/// A lock that sleeps.
pub struct Mutex<T> {
    number: usize,
    name: &'static str,
    data: UnsafeCell<T>,
}

// SAFETY: All actors of a stage are in one thread.
unsafe impl<T> Sync for Mutex<T> {}
// SAFETY: As above.
unsafe impl<T> Send for Mutex<T> {}

fn change(number: usize, change: impl FnOnce(&mut Look)) {
    let mut table = TABLE.get();
    change(&mut table[number]);
    TABLE.set(table);
}

impl<T: Hash> Mutex<T> {
    /// A lock, and what taking it is called.
    pub fn new(data: T, name: &'static str) -> Self {
        let mut free = TABLE.get().into_iter();
        let number = free.position(|look| !look.used).expect("few locks");
        change(number, |look| {
            *look = Look {
                used: true,
                held: false,
                data: digest(&data),
            }
        });
        Self {
            number,
            name,
            data: UnsafeCell::new(data),
        }
    }

    /// Takes it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.lock_as(true)
    }

    fn lock_as(&self, acts: bool) -> MutexGuard<'_, T> {
        let open = match FLAW.get() {
            Flaw::Open(name) => name == self.name,
            Flaw::OpenTo(name, actor) => name == self.name && actor == stage::turn(),
            _ => false,
        };
        let take = || {
            let look = TABLE.get()[self.number];
            if open {
                // SAFETY: It is looked at only. Who else is at work on it has paused.
                return Poll::Ready(digest(unsafe { &*self.data.get() }));
            }
            if look.held {
                return Poll::Pending;
            }
            change(self.number, |look| look.held = true);
            Poll::Ready(look.data)
        };
        match acts {
            true => drop(stage::act(self.name, take)),
            false => drop(stage::at_once(self.name, take).is_ready()),
        }
        MutexGuard {
            mutex: self,
            holds: !open,
            _not_send: PhantomData,
        }
    }
}

impl<T> Hash for Mutex<T> {
    /// What is in it has a digest of its own.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl<T> Drop for Mutex<T> {
    fn drop(&mut self) {
        change(self.number, |look| *look = UNUSED);
    }
}

/// A lock that has been taken.
pub struct MutexGuard<'a, T: Hash> {
    mutex: &'a Mutex<T>,
    /// Unless it keeps nobody out.
    holds: bool,
    _not_send: PhantomData<*mut ()>,
}

impl<T: Hash> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: The lock is held.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T: Hash> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: The lock is held. Where it keeps nobody out, that is what the test wants to see.
        unsafe { &mut *self.mutex.data.get() }
    }
}

impl<T: Hash> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        let data = digest(&**self);
        change(self.mutex.number, |look| {
            look.data = data;
            look.held &= !self.holds;
        });
    }
}

/// What [`global_lock!`](crate::global_lock) makes of a static.
pub trait GlobalItem {
    /// What is in the lock.
    type Item: Hash + 'static;
    /// What taking it is called.
    const NAME: &'static str;
    /// Nobody sleeps under it.
    const SPINS: bool;

    /// What is in it to begin with.
    fn initial() -> Self::Item;
}

/// A lock that is there for all, anew on each stage.
pub struct Global<B> {
    /// Statics that take no room may have the same address.
    _room: u8,
    _item: PhantomData<fn() -> B>,
}

impl<B: GlobalItem> Global<B> {
    /// It is not there yet.
    pub const fn new() -> Self {
        Self {
            _room: 0,
            _item: PhantomData,
        }
    }

    /// Makes it.
    ///
    /// # Safety
    ///
    /// None, on the host.
    pub unsafe fn init(&'static self) {
        let lock: &'static Mutex<B::Item> = Box::leak(Box::new(Mutex::new(B::initial(), B::NAME)));
        let mut globals = GLOBALS.get();
        let room = globals.iter_mut().find(|(key, _)| *key == 0);
        *room.expect("few globals") = (self.key(), (&raw const *lock).expose_provenance());
        GLOBALS.set(globals);
    }

    /// Takes it.
    pub fn lock(&'static self) -> GlobalGuard<B> {
        let globals = GLOBALS.get();
        let mut found = globals.iter().filter(|(key, _)| *key == self.key());
        let &(_, lock) = found.next().expect("initialised");
        // SAFETY: `init()` has put it there, for this stage.
        let lock = unsafe { &*std::ptr::with_exposed_provenance::<Mutex<B::Item>>(lock) };
        GlobalGuard(lock.lock_as(!B::SPINS || BUSY.get()))
    }

    fn key(&'static self) -> usize {
        (&raw const *self).addr()
    }
}

/// A global lock that has been taken.
pub struct GlobalGuard<B: GlobalItem>(MutexGuard<'static, B::Item>);

impl<B: GlobalItem> Deref for GlobalGuard<B> {
    type Target = B::Item;

    fn deref(&self) -> &B::Item {
        &self.0
    }
}

impl<B: GlobalItem> DerefMut for GlobalGuard<B> {
    fn deref_mut(&mut self) -> &mut B::Item {
        &mut self.0
    }
}

/// A counted reference.
#[derive(Hash)]
pub struct Arc<T>(std::sync::Arc<T>);

impl<T> Arc<T> {
    /// Of what `init` makes.
    pub fn pin_init(init: impl FnOnce() -> T, _flags: Flags) -> Result<Self, Error> {
        Ok(Self(std::sync::Arc::new(init())))
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What is said once, and the same on all stages.
pub struct SetOnce<T>(OnceLock<T>);

impl<T> SetOnce<T> {
    /// Nothing has been said.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Says it.
    pub fn populate(&self, value: T) -> bool {
        self.0.set(value).is_ok()
    }

    /// What has been said.
    pub fn as_ref(&self) -> Option<&T> {
        self.0.get()
    }

    /// Likewise.
    pub fn copy(&self) -> Option<T>
    where
        T: Copy,
    {
        self.0.get().copied()
    }
}

/// `rust/kernel/sync/aref.rs`
pub mod aref {
    use std::{
        hash::{Hash, Hasher},
        mem::ManuallyDrop,
        ops::Deref,
        ptr::NonNull,
    };

    /// What counts its references.
    ///
    /// # Safety
    ///
    /// It is there while there are some.
    pub unsafe trait AlwaysRefCounted {
        /// One more.
        fn inc_ref(&self);

        /// One fewer.
        ///
        /// # Safety
        ///
        /// The caller gives back a reference that it has.
        unsafe fn dec_ref(obj: NonNull<Self>);
    }

    /// A counted reference.
    pub struct ARef<T: AlwaysRefCounted>(NonNull<T>);

    impl<T: AlwaysRefCounted> ARef<T> {
        /// Takes over a reference.
        ///
        /// # Safety
        ///
        /// The caller has it.
        pub unsafe fn from_raw(ptr: NonNull<T>) -> Self {
            Self(ptr)
        }

        /// A pointer that stands for the reference.
        pub fn into_raw(me: Self) -> NonNull<T> {
            ManuallyDrop::new(me).0
        }
    }

    impl<T: AlwaysRefCounted> From<&T> for ARef<T> {
        fn from(object: &T) -> Self {
            object.inc_ref();
            Self(object.into())
        }
    }

    impl<T: AlwaysRefCounted> Clone for ARef<T> {
        fn clone(&self) -> Self {
            Self::from(&**self)
        }
    }

    impl<T: AlwaysRefCounted> Deref for ARef<T> {
        type Target = T;

        fn deref(&self) -> &T {
            // SAFETY: There is a reference.
            unsafe { self.0.as_ref() }
        }
    }

    impl<T: AlwaysRefCounted> Drop for ARef<T> {
        fn drop(&mut self) {
            // SAFETY: There is a reference.
            unsafe { T::dec_ref(self.0) }
        }
    }

    impl<T: AlwaysRefCounted + Hash> Hash for ARef<T> {
        fn hash<H: Hasher>(&self, state: &mut H) {
            (**self).hash(state);
        }
    }
}

/// `rust/kernel/sync/rcu.rs`
pub mod rcu {
    use crate::stage;
    use std::{cell::Cell, task::Poll};

    thread_local! {
        static READERS: Cell<usize> = const { Cell::new(0) };
        static AFTER: Cell<fn()> = const { Cell::new(|| ()) };
    }

    pub(crate) fn begin() {
        READERS.set(0);
    }

    /// How many look.
    pub fn readers() -> usize {
        READERS.get()
    }

    /// Calls `after` whenever the last one has looked away.
    pub fn set_after(after: fn()) {
        AFTER.set(after);
    }

    /// Somebody looks.
    pub struct Guard(());

    /// Looks.
    pub fn read_lock() -> Guard {
        READERS.set(READERS.get() + 1);
        Guard(())
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            READERS.set(READERS.get() - 1);
            if READERS.get() == 0 {
                AFTER.get()();
            }
        }
    }

    /// Sleeps until all who look have looked away.
    pub fn synchronize_rcu() {
        stage::act("waits for a grace period", || match READERS.get() {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        });
    }

    /// Sleeps until all that was put off until then has been done. It is done at once when nobody looks.
    pub fn rcu_barrier() {
        synchronize_rcu();
    }
}

/// `rust/kernel/sync/atomic.rs`
pub mod atomic {
    use super::{Flaw, ATOMICS, BUSY, FLAW};
    use crate::stage;

    /// How an access is ordered. The stage has no other than the order of its actions.
    pub trait Ordering {
        /// It is made without a lock, and tells something.
        const ACTS: bool;
    }

    macro_rules! orderings {
        ($($name:ident: $acts:literal),*) => {
            $(
                /// An ordering.
                pub struct $name;

                impl Ordering for $name {
                    const ACTS: bool = $acts;
                }
            )*
        };
    }

    orderings!(Acquire: true, Release: false, Relaxed: false, Full: false);

    /// What an atomic is of.
    pub trait Word: Copy {
        /// As a number.
        fn into_number(self) -> u64;
        /// The other way.
        fn from_number(number: u64) -> Self;
    }

    impl Word for bool {
        fn into_number(self) -> u64 {
            self.into()
        }
        fn from_number(number: u64) -> Self {
            number != 0
        }
    }

    /// A number that is there for all, anew on each stage.
    pub struct Atomic<T> {
        first: T,
    }

    impl<T: Word> Atomic<T> {
        /// Begins with `first`.
        pub const fn new(first: T) -> Self {
            Self { first }
        }

        /// Reads it.
        pub fn load<O: Ordering>(&self, _ordering: O) -> T {
            if !O::ACTS {
                return T::from_number(stage::at_once("loads", || self.get()));
            }
            if let Flaw::Before(before) = FLAW.get() {
                before();
            }
            let load = || match FLAW.get() {
                Flaw::Blind => self.first.into_number(),
                _ => self.get(),
            };
            T::from_number(stage::step_unless(!BUSY.get(), "loads", load))
        }

        /// Writes it.
        pub fn store<O: Ordering>(&self, value: T, _ordering: O) {
            self.set(value.into_number());
        }

        /// Writes it, and says what it was.
        pub fn xchg<O: Ordering>(&self, value: T, _ordering: O) -> T {
            let old = self.get();
            self.set(value.into_number());
            T::from_number(old)
        }

        fn key(&self) -> usize {
            (&raw const *self).addr()
        }

        fn get(&self) -> u64 {
            let all = ATOMICS.get();
            let found = all.iter().find(|(key, _)| *key == self.key());
            found.map_or(self.first.into_number(), |&(_, value)| value)
        }

        fn set(&self, value: u64) {
            let mut all = ATOMICS.get();
            let key = self.key();
            let known = all.iter().position(|(known, _)| *known == key);
            let place = known.or(all.iter().position(|(known, _)| *known == 0));
            all[place.expect("few atomics")] = match value == self.first.into_number() {
                true => (0, 0),
                false => (key, value),
            };
            ATOMICS.set(all);
        }
    }
}
