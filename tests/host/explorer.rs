// SPDX-License-Identifier: GPL-2.0

//! All interleavings of a few actors that share a world.
//!
//! An actor is a function that calls real code, which runs on a stack of its own up to its next action (see
//! [`kernel::stage`]). A state is the world, the locks with what is under them, and what each actor has been
//! told, so states that are reached in several ways are explored once. They are told apart by digests of 64
//! bits. Stacks cannot be copied: a way is gone back by going it anew.

use kernel::{
    coroutine::Coroutine,
    stage::{self, search, LIMIT},
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt::{self, Debug, Formatter},
    io::Write,
};

/// Somebody who acts.
pub(crate) struct Actor {
    name: &'static str,
    /// May wait forever.
    serves: bool,
    play: Box<dyn FnOnce()>,
}

impl Actor {
    /// Plays once.
    pub(crate) fn new(name: &'static str, play: impl FnOnce() + 'static) -> Self {
        Self {
            name,
            serves: false,
            play: Box::new(play),
        }
    }

    /// Waits for work, and does it.
    pub(crate) fn server(name: &'static str, play: impl FnOnce() + 'static) -> Self {
        Self {
            serves: true,
            ..Self::new(name, play)
        }
    }
}

/// What the actors share.
pub(crate) struct World<F> {
    /// Makes it anew, with the actors.
    pub(crate) begin: Box<dyn Fn() -> Vec<Actor>>,
    /// What stands for it.
    pub(crate) digest: fn() -> u64,
    /// What is wrong in the midst of everything?
    pub(crate) fault: fn() -> Option<F>,
    /// What is wrong now that nobody has anything left to do?
    pub(crate) fault_at_rest: fn() -> Option<F>,
}

/// What came of an exploration without a fault.
#[derive(Debug)]
pub(crate) struct Explored {
    /// Different states.
    pub(crate) states: usize,
    /// All that was ever done.
    pub(crate) actions: BTreeSet<&'static str>,
}

/// What went wrong.
pub(crate) struct Failure<F> {
    /// [`None`] for actors who wait forever, or never come to an end.
    pub(crate) fault: Option<F>,
    /// What an action complained of.
    pub(crate) complaint: Option<String>,
    /// What had been done, by whom.
    pub(crate) way: Vec<String>,
}

impl<F: Debug> Debug for Failure<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let way = self.way.join("\n  ");
        write!(f, "{:?} {:?} after\n  {way}", self.fault, self.complaint)
    }
}

/// Explores all interleavings, until there is a fault that `matters`.
pub(crate) fn explore<F: Debug>(
    name: &str,
    world: World<F>,
    matters: fn(&F) -> bool,
) -> Result<Explored, Failure<F>> {
    let mut explorer = Explorer {
        world,
        matters,
        stacks: Vec::new(),
        actors: Vec::new(),
        known: HashMap::new(),
        actions: BTreeSet::new(),
        turns: 0,
    };
    explorer.replay(&[]);
    let interleavings = explorer.explore(&mut Vec::new())?;
    let states = explorer.known.len();
    tell(&format!(
        "{name}: {states} states, {interleavings} interleavings, {} actions",
        explorer.turns
    ));
    Ok(Explored {
        states,
        actions: explorer.actions,
    })
}

/// Says something about a test that passes; what is printed the usual way is kept back.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// An actor on its way.
struct Player {
    name: &'static str,
    serves: bool,
}

struct Explorer<F> {
    world: World<F>,
    matters: fn(&F) -> bool,
    stacks: Vec<Coroutine>,
    actors: Vec<Player>,
    /// States, and how many ways lead from each to the end.
    known: HashMap<u64, u128>,
    actions: BTreeSet<&'static str>,
    turns: u64,
}

impl<F> Explorer<F> {
    /// The number of ways from here, at the end of `way`, to the end.
    fn explore(&mut self, way: &mut Vec<u8>) -> Result<u128, Failure<F>> {
        let state = stage::digest(&(search::state(), (self.world.digest)()));
        if let Some(&ways) = self.known.get(&state) {
            return Ok(ways);
        }
        self.check(self.world.fault)?;
        if search::complaint().is_some() || way.len() > LIMIT {
            return Err(self.failure(None));
        }

        let mut ways: u128 = 0;
        let mut is_here = true;
        for actor in 0..self.actors.len() {
            if !is_here {
                self.replay(way);
                is_here = true;
            }
            let before = search::done_count();
            if !self.turn_of(actor) {
                continue;
            }
            is_here = false;
            let done = search::done(before);
            self.actions.extend(done.iter().map(|(_, what)| *what));
            way.push(actor as u8);
            // There are more than can be counted.
            ways = ways.saturating_add(self.explore(way)?);
            way.pop();
        }
        if ways == 0 {
            if !self.is_over() {
                return Err(self.failure(None));
            }
            self.check(self.world.fault_at_rest)?;
            ways = 1;
        }
        self.known.insert(state, ways);
        Ok(ways)
    }

    fn check(&self, look: fn() -> Option<F>) -> Result<(), Failure<F>> {
        match look().filter(self.matters) {
            Some(fault) => Err(self.failure(Some(fault))),
            None => Ok(()),
        }
    }

    /// The same again from the beginning.
    fn replay(&mut self, way: &[u8]) {
        search::begin();
        let cast = (self.world.begin)();
        search::made();
        self.actors.clear();
        for (number, actor) in cast.into_iter().enumerate() {
            if self.stacks.len() == number {
                self.stacks.push(Coroutine::new());
            }
            self.stacks[number].begin(actor.play);
            self.actors.push(Player {
                name: actor.name,
                serves: actor.serves,
            });
        }
        for actor in 0..self.actors.len() {
            self.turn_of(actor);
        }
        for &actor in way {
            self.turn_of(actor.into());
        }
    }

    /// Lets an actor do one thing. Says whether it could.
    fn turn_of(&mut self, actor: usize) -> bool {
        if self.stacks[actor].has_ended() {
            return false;
        }
        self.turns += 1;
        search::turn_of(actor, &mut self.stacks[actor])
    }

    /// Has everybody finished who does not serve?
    fn is_over(&self) -> bool {
        let mut all = self.actors.iter().zip(&self.stacks);
        all.all(|(actor, stack)| actor.serves || stack.has_ended())
    }

    /// `fault`, or [`None`] for actors that will never finish.
    fn failure(&self, fault: Option<F>) -> Failure<F> {
        let line = |&(actor, what): &(usize, _)| format!("{} {what}", self.actors[actor].name);
        Failure {
            fault,
            complaint: search::complaint(),
            way: search::done(0).iter().map(line).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, task::Poll};

    /// A number, and a lock on it.
    #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
    struct Number {
        locked: bool,
        value: u8,
        wanted: u8,
    }

    thread_local! {
        static NUMBER: Cell<Number> = Cell::default();
    }

    fn with<T>(action: impl FnOnce(&mut Number) -> T) -> T {
        let mut number = NUMBER.get();
        let answer = action(&mut number);
        NUMBER.set(number);
        answer
    }

    fn step<T: std::hash::Hash>(what: &'static str, action: impl FnOnce(&mut Number) -> T) -> T {
        stage::step(what, || with(action))
    }

    fn explore_with(
        name: &str,
        number: Number,
        cast: fn() -> Vec<Actor>,
    ) -> Result<Explored, Failure<u8>> {
        let world = World {
            begin: Box::new(move || {
                NUMBER.set(number);
                cast()
            }),
            digest: || with(|number| stage::digest(number)),
            fault: || None,
            fault_at_rest: || {
                with(|number| (number.value != number.wanted).then_some(number.value))
            },
        };
        explore(name, world, |_| true)
    }

    fn lock() {
        stage::act("locks", || {
            with(|number| match number.locked {
                true => Poll::Pending,
                false => {
                    number.locked = true;
                    Poll::Ready(())
                }
            })
        });
    }

    /// Reads, and then writes one more.
    fn count(locks: bool) {
        if locks {
            lock();
        }
        let value = step("reads", |number| number.value);
        step("writes", |number| number.value = value + 1);
        if locks {
            step("unlocks", |number| number.locked = false);
        }
    }

    fn two_count(locks: bool) -> Result<Explored, Failure<u8>> {
        let two = Number {
            wanted: 2,
            ..Number::default()
        };
        let cast: fn() -> Vec<Actor> = match locks {
            true => || {
                vec![
                    Actor::new("one", || count(true)),
                    Actor::new("other", || count(true)),
                ]
            },
            false => || {
                vec![
                    Actor::new("one", || count(false)),
                    Actor::new("other", || count(false)),
                ]
            },
        };
        explore_with("two who count", two, cast)
    }

    #[test]
    fn every_order_is_tried() {
        let cast = || vec![Actor::new("one", act_twice), Actor::new("other", act_twice)];
        let explored = explore_with("two who do nothing", Number::default(), cast).unwrap();
        // Each may have done none, one or both.
        assert_eq!(explored.states, 9);
        assert_eq!(explored.actions.len(), 2);
    }

    fn act_twice() {
        step("first", |_| ());
        step("second", |_| ());
    }

    #[test]
    fn a_lost_update_is_found() {
        two_count(true).unwrap();
        let failure = two_count(false).unwrap_err();
        assert_eq!(failure.fault, Some(1), "{failure:?}");
        assert_eq!(failure.way.len(), 4);
    }

    #[test]
    fn who_waits_forever_is_found() {
        let cast = || {
            vec![Actor::new("one", || {
                lock();
                lock();
            })]
        };
        let failure = explore_with("one who waits", Number::default(), cast).unwrap_err();
        assert_eq!(failure.fault, None);
        assert_eq!(failure.way, ["one locks"]);
    }

    #[test]
    fn who_never_ends_is_found() {
        let cast = || {
            vec![Actor::new("one", || loop {
                step("goes on", |number| number.value ^= 1);
            })]
        };
        let failure = explore_with("one without end", Number::default(), cast).unwrap_err();
        assert_eq!(failure.fault, None);
    }

    #[test]
    fn a_panic_is_found() {
        let cast = || vec![Actor::new("one", || assert!(step("fails", |_| false)))];
        let failure = explore_with("one who panics", Number::default(), cast).unwrap_err();
        assert!(failure.complaint.is_some(), "{failure:?}");
    }
}
