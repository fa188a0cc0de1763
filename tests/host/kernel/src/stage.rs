// SPDX-License-Identifier: GPL-2.0

//! Where actors take turns.
//!
//! An actor is a function that runs on a stack of its own, real code and all. What it does to the world at
//! once, be it under a lock or a single action of the kernel, is one [`act()`]; before each, everybody else
//! may come. Whoever waits for something is not let on before it is there.
//!
//! All that an actor knows is what the world has told it, so a digest of that stands for where it is.

use crate::coroutine;
use std::{
    cell::{Cell, RefCell},
    hash::{Hash, Hasher},
    task::Poll,
};

/// At most so many actors.
pub const ACTORS: usize = 8;

/// Nobody needs so many actions in all, so somebody goes round in circles.
pub const LIMIT: usize = 2000;

struct Stage {
    /// Who has the turn.
    turn: Cell<usize>,
    /// That one has to wait.
    waits: Cell<bool>,
    /// What each has been told by the world.
    told: Cell<[u64; ACTORS]>,
    /// What has been done, and by whom.
    done: RefCell<Vec<(usize, &'static str)>>,
    /// What went wrong in the course of an action.
    complaint: RefCell<Option<String>>,
}

thread_local! {
    static STAGE: Stage = Stage {
        turn: Cell::new(0),
        waits: Cell::new(false),
        told: Cell::new([0; ACTORS]),
        done: RefCell::new(Vec::with_capacity(LIMIT + 100)),
        complaint: RefCell::new(None),
    };
}

/// The actor does `action`, called `what`; not before that is [`Poll::Ready`], which until then must change
/// nothing.
pub fn act<T: Hash>(what: &'static str, mut action: impl FnMut() -> Poll<T>) -> T {
    loop {
        pause();
        if let Poll::Ready(answer) = action() {
            record(what, &answer);
            return answer;
        }
        assert!(coroutine::is_running(), "nobody else is there: {what}");
        STAGE.with(|stage| stage.waits.set(true));
    }
}

/// The actor does `action`, for which nobody has to wait.
pub fn step<T: Hash>(what: &'static str, action: impl FnOnce() -> T) -> T {
    pause();
    at_once(what, action)
}

/// The actor goes on to `action` before anybody can come: nobody else would see what it works on.
pub fn at_once<T: Hash>(what: &'static str, action: impl FnOnce() -> T) -> T {
    let answer = action();
    record(what, &answer);
    answer
}

/// As [`step()`] if `alone` does not hold, else as [`at_once()`].
pub fn step_unless<T: Hash>(alone: bool, what: &'static str, action: impl FnOnce() -> T) -> T {
    match alone {
        true => at_once(what, action),
        false => step(what, action),
    }
}

/// The actor is at `place`, and all it knows is what `place` says. So no two places of an actor may be the
/// same.
pub fn forget(place: impl Hash) {
    tell(|_| digest(&place));
}

/// Something is wrong. What comes after it does not matter.
pub fn complain(text: &str) {
    let inside = coroutine::is_running();
    crate::arena::leave();
    STAGE.with(|stage| {
        stage
            .complaint
            .borrow_mut()
            .get_or_insert_with(|| text.to_owned());
    });
    if inside {
        crate::arena::enter();
    }
}

/// Who has the turn.
pub fn turn() -> usize {
    STAGE.with(|stage| stage.turn.get())
}

fn record(what: &'static str, answer: &impl Hash) {
    tell(|told| digest(&(told, what.as_ptr().addr(), answer)));
    STAGE.with(|stage| {
        let mut done = stage.done.borrow_mut();
        if done.len() < done.capacity() {
            done.push((stage.turn.get(), what));
        }
    });
}

fn tell(change: impl FnOnce(u64) -> u64) {
    STAGE.with(|stage| {
        let mut told = stage.told.get();
        told[stage.turn.get()] = change(told[stage.turn.get()]);
        stage.told.set(told);
    });
}

/// Lets the others come. There are none while the world is made.
fn pause() {
    if coroutine::is_running() {
        coroutine::pause();
    }
}

/// A number that stands for `what`.
pub fn digest(what: &impl Hash) -> u64 {
    let mut digest = Digest(0x9e37_79b9_7f4a_7c15);
    what.hash(&mut digest);
    digest.finish()
}

/// Two factors a step, as wyhash has it.
struct Digest(u64);

impl Digest {
    fn mix(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value)
            * u128::from(value ^ 0xd6e8_feb8_6659_fd93 ^ self.0 >> 32 | 1);
        self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(0xa076_1d64_78bd_642f);
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
}

/// What the search sees of the stage.
pub mod search {
    use super::*;
    use crate::{arena, coroutine::Coroutine, sync};

    /// An empty stage. What is allocated until [`made()`] goes with it.
    pub fn begin() {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            let hook = std::panic::take_hook();
            // What is said of a panic outlives the stage.
            std::panic::set_hook(Box::new(move |info| {
                arena::leave();
                hook(info);
            }));
        });
        arena::leave();
        arena::reset();
        sync::begin();
        STAGE.with(|stage| {
            stage.turn.set(0);
            stage.waits.set(false);
            stage.told.set([0; ACTORS]);
            stage.done.borrow_mut().clear();
            stage.complaint.replace(None);
        });
        arena::enter();
    }

    /// The world and its actors have been made.
    pub fn made() {
        arena::leave();
        STAGE.with(|stage| {
            stage.told.set([0; ACTORS]);
            stage.done.borrow_mut().clear();
        });
    }

    /// Lets an actor do one thing. Says whether it could.
    pub fn turn_of(actor: usize, play: &mut Coroutine) -> bool {
        STAGE.with(|stage| {
            stage.turn.set(actor);
            stage.waits.set(false);
        });
        play.resume();
        STAGE.with(|stage| !stage.waits.get())
    }

    /// Where all actors are, and the locks.
    pub fn state() -> u64 {
        STAGE.with(|stage| digest(&(stage.told.get(), sync::state())))
    }

    /// What went wrong in the course of an action.
    pub fn complaint() -> Option<String> {
        STAGE.with(|stage| stage.complaint.borrow().clone())
    }

    /// What has been done, and by whom, from number `first` on.
    pub fn done(first: usize) -> Vec<(usize, &'static str)> {
        STAGE.with(|stage| stage.done.borrow()[first..].to_vec())
    }

    /// How much has been done.
    pub fn done_count() -> usize {
        STAGE.with(|stage| stage.done.borrow().len())
    }
}
