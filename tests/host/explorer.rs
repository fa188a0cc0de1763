// SPDX-License-Identifier: GPL-2.0

//! All interleavings of a few actors that share a world.
//!
//! An actor is an `async` function that reads like the code it stands for. What it does to the world at
//! once, be it under a lock or a single action of the kernel, is one [`Stage::act()`]; before each,
//! everybody else may have come. Whoever waits for something is not let on before it is there.
//!
//! A state is the world and what each actor has been told by it, so states that are reached in several
//! ways are explored once. Futures cannot be copied: a way is gone back by going it anew.

use std::{
    cell::{Cell, RefCell},
    collections::{hash_map::DefaultHasher, BTreeSet, HashMap},
    fmt::{self, Debug, Formatter},
    future::{poll_fn, Future},
    hash::{Hash, Hasher},
    io::Write,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// No actor needs so many actions in all, so it is one that goes round in circles.
const LIMIT: usize = 500;

/// What the actors share.
pub(crate) trait World: Clone + Eq + Hash {
    /// What can be wrong with it.
    type Fault: Debug;

    /// What is wrong in the midst of everything?
    fn fault(&self) -> Option<Self::Fault>;
    /// What is wrong now that nobody has anything left to do?
    fn fault_at_rest(&self) -> Option<Self::Fault>;
}

/// Where the actors meet.
pub(crate) struct Stage<W> {
    world: RefCell<W>,
    /// Who has the turn.
    turn: Cell<usize>,
    /// That one has to wait.
    waits: Cell<bool>,
    /// What each has been told by the world.
    told: RefCell<Vec<u64>>,
    /// What has been done, and by whom.
    done: RefCell<Vec<(usize, &'static str)>>,
}

impl<W> Stage<W> {
    /// The actor does `action`, called `what`; not before that is [`Poll::Ready`], which until then
    /// must change nothing.
    pub(crate) async fn act<T: Hash>(
        &self,
        what: &'static str,
        mut action: impl FnMut(&mut W) -> Poll<T>,
    ) -> T {
        loop {
            pause().await;
            if let Poll::Ready(answer) = action(&mut self.world.borrow_mut()) {
                self.record(what, &answer);
                return answer;
            }
            self.waits.set(true);
        }
    }

    /// The actor does `action`, for which nobody has to wait.
    pub(crate) async fn step<T: Hash>(
        &self,
        what: &'static str,
        mut action: impl FnMut(&mut W) -> T,
    ) -> T {
        self.act(what, |world| Poll::Ready(action(world))).await
    }

    /// The actor goes on to `action` before anybody can come: nobody else would see what it works on.
    pub(crate) fn at_once<T: Hash>(
        &self,
        what: &'static str,
        action: impl FnOnce(&mut W) -> T,
    ) -> T {
        let answer = action(&mut self.world.borrow_mut());
        self.record(what, &answer);
        answer
    }

    /// Stands for all that the actor has been told.
    pub(crate) fn told(&self) -> u64 {
        self.told.borrow()[self.turn.get()]
    }

    /// The actor is at `place`, and all it knows is what `place` says. So no two places of an actor may be
    /// the same.
    pub(crate) fn forget(&self, place: impl Hash) {
        self.told.borrow_mut()[self.turn.get()] = digest(&place);
    }

    fn record(&self, what: &'static str, answer: &impl Hash) {
        let told = &mut self.told.borrow_mut()[self.turn.get()];
        *told = digest(&(*told, what, answer));
        self.done.borrow_mut().push((self.turn.get(), what));
    }
}

fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Lets the others come.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| match std::mem::replace(&mut paused, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

/// Somebody who acts.
pub(crate) struct Actor {
    name: &'static str,
    /// May wait forever.
    serves: bool,
    /// [`None`] when it has finished.
    play: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Actor {
    /// Plays once.
    pub(crate) fn new(name: &'static str, play: impl Future<Output = ()> + 'static) -> Self {
        Self {
            name,
            serves: false,
            play: Some(Box::pin(play)),
        }
    }

    /// Waits for work, and does it.
    pub(crate) fn server(name: &'static str, play: impl Future<Output = ()> + 'static) -> Self {
        Self {
            serves: true,
            ..Self::new(name, play)
        }
    }
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
    /// What had been done, by whom.
    pub(crate) way: Vec<String>,
}

impl<F: Debug> Debug for Failure<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} after\n  {}", self.fault, self.way.join("\n  "))
    }
}

/// Explores all interleavings of the actors that `cast` puts on a stage with `world`, until there is a
/// fault that `matters`.
pub(crate) fn explore<W: World>(
    name: &str,
    world: W,
    cast: impl Fn(&Rc<Stage<W>>) -> Vec<Actor>,
    matters: fn(&W::Fault) -> bool,
) -> Result<Explored, Failure<W::Fault>> {
    let mut explorer = Explorer {
        world,
        cast,
        matters,
        known: HashMap::new(),
        actions: BTreeSet::new(),
    };
    let run = explorer.replay(&[]);
    let interleavings = explorer.explore(run, &mut Vec::new())?;
    let states = explorer.known.len();
    tell(&format!(
        "{name}: {states} states, {interleavings} interleavings"
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

struct Explorer<W: World, C> {
    world: W,
    cast: C,
    matters: fn(&W::Fault) -> bool,
    /// States, and how many ways lead from each to the end.
    known: HashMap<(W, Vec<u64>), u128>,
    actions: BTreeSet<&'static str>,
}

impl<W: World, C: Fn(&Rc<Stage<W>>) -> Vec<Actor>> Explorer<W, C> {
    /// The number of ways from `run`, which is at the end of `way`, to the end.
    fn explore(&mut self, run: Run<W>, way: &mut Vec<usize>) -> Result<u128, Failure<W::Fault>> {
        let state = run.state();
        if let Some(&ways) = self.known.get(&state) {
            return Ok(ways);
        }
        self.check(&run, World::fault)?;
        if way.len() > LIMIT {
            return Err(run.failure(None));
        }

        let mut ways = 0;
        let mut unused = Some(run);
        for actor in 0..unused.as_ref().map_or(0, |run| run.actors.len()) {
            let mut run = unused.take().unwrap_or_else(|| self.replay(way));
            if !run.turn_of(actor) {
                unused = Some(run);
                continue;
            }
            self.actions.extend(run.last_actions());
            way.push(actor);
            ways += self.explore(run, way)?;
            way.pop();
        }
        if ways == 0 {
            let run = unused.take().unwrap_or_else(|| self.replay(way));
            if !run.is_over() {
                return Err(run.failure(None));
            }
            self.check(&run, World::fault_at_rest)?;
            ways = 1;
        }
        self.known.insert(state, ways);
        Ok(ways)
    }

    fn check(
        &self,
        run: &Run<W>,
        look: impl Fn(&W) -> Option<W::Fault>,
    ) -> Result<(), Failure<W::Fault>> {
        match look(&run.stage.world.borrow()).filter(self.matters) {
            Some(fault) => Err(run.failure(Some(fault))),
            None => Ok(()),
        }
    }

    /// The same again from the beginning.
    fn replay(&self, way: &[usize]) -> Run<W> {
        let stage = Rc::new(Stage {
            world: RefCell::new(self.world.clone()),
            turn: Cell::new(0),
            waits: Cell::new(false),
            told: RefCell::new(Vec::new()),
            done: RefCell::new(Vec::new()),
        });
        let mut run = Run {
            actors: (self.cast)(&stage),
            stage,
            done_before: 0,
        };
        run.stage.told.replace(vec![0; run.actors.len()]);
        for actor in (0..run.actors.len()).chain(way.iter().copied()) {
            run.turn_of(actor);
        }
        run
    }
}

/// Actors on their way.
struct Run<W> {
    stage: Rc<Stage<W>>,
    actors: Vec<Actor>,
    /// How much had been done before the last turn.
    done_before: usize,
}

impl<W: World> Run<W> {
    fn state(&self) -> (W, Vec<u64>) {
        (
            self.stage.world.borrow().clone(),
            self.stage.told.borrow().clone(),
        )
    }

    /// Lets an actor do one thing. Says whether it could.
    fn turn_of(&mut self, index: usize) -> bool {
        let actor = &mut self.actors[index];
        let Some(play) = &mut actor.play else {
            return false;
        };
        self.stage.turn.set(index);
        self.stage.waits.set(false);
        self.done_before = self.stage.done.borrow().len();
        let mut context = Context::from_waker(Waker::noop());
        if play.as_mut().poll(&mut context).is_ready() {
            actor.play = None;
        }
        !self.stage.waits.get()
    }

    /// What was done in the last turn.
    fn last_actions(&self) -> Vec<&'static str> {
        let done = self.stage.done.borrow();
        done[self.done_before..]
            .iter()
            .map(|(_, what)| *what)
            .collect()
    }

    /// Has everybody finished who does not serve?
    fn is_over(&self) -> bool {
        let mut waiting = self.actors.iter().filter(|actor| actor.play.is_some());
        waiting.all(|actor| actor.serves)
    }

    /// `fault`, or [`None`] for actors that will never finish.
    fn failure(&self, fault: Option<W::Fault>) -> Failure<W::Fault> {
        let done = self.stage.done.borrow();
        let line = |&(actor, what): &(usize, _)| format!("{} {what}", self.actors[actor].name);
        Failure {
            fault,
            way: done.iter().map(line).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, and a lock on it.
    #[derive(Clone, Default, PartialEq, Eq, Hash)]
    struct Number {
        locked: bool,
        value: u8,
        wanted: u8,
    }

    impl World for Number {
        type Fault = u8;

        fn fault(&self) -> Option<u8> {
            None
        }
        fn fault_at_rest(&self) -> Option<u8> {
            (self.value != self.wanted).then_some(self.value)
        }
    }

    async fn lock(stage: &Stage<Number>) {
        let lock = |number: &mut Number| match number.locked {
            true => Poll::Pending,
            false => {
                number.locked = true;
                Poll::Ready(())
            }
        };
        stage.act("locks", lock).await;
    }

    /// Reads, and then writes one more.
    async fn count(stage: Rc<Stage<Number>>, locks: bool) {
        if locks {
            lock(&stage).await;
        }
        let value = stage.step("reads", |number| number.value).await;
        stage
            .step("writes", |number| number.value = value + 1)
            .await;
        if locks {
            stage.step("unlocks", |number| number.locked = false).await;
        }
    }

    fn two_count(locks: bool) -> Result<Explored, Failure<u8>> {
        let two = Number {
            wanted: 2,
            ..Number::default()
        };
        let cast = |stage: &Rc<Stage<Number>>| {
            let actor = |name| Actor::new(name, count(stage.clone(), locks));
            vec![actor("one"), actor("other")]
        };
        explore("two who count", two, cast, |_| true)
    }

    #[test]
    fn every_order_is_tried() {
        let cast = |stage: &Rc<Stage<Number>>| {
            let actor = |name| {
                let stage = stage.clone();
                Actor::new(name, async move {
                    stage.step("first", |_| ()).await;
                    stage.step("second", |_| ()).await;
                })
            };
            vec![actor("one"), actor("other")]
        };
        let explored = explore("two who do nothing", Number::default(), cast, |_| true).unwrap();
        // Each may have done none, one or both.
        assert_eq!(explored.states, 9);
        assert_eq!(explored.actions.len(), 2);
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
        let cast = |stage: &Rc<Stage<Number>>| {
            let stage = stage.clone();
            vec![Actor::new("one", async move {
                lock(&stage).await;
                lock(&stage).await;
            })]
        };
        let failure = explore("one who waits", Number::default(), cast, |_| true).unwrap_err();
        assert_eq!(failure.fault, None);
        assert_eq!(failure.way, ["one locks"]);
    }

    #[test]
    fn who_never_ends_is_found() {
        let cast = |stage: &Rc<Stage<Number>>| {
            let stage = stage.clone();
            vec![Actor::new("one", async move {
                loop {
                    stage.step("goes on", |number| number.value ^= 1).await;
                }
            })]
        };
        let failure = explore("one without end", Number::default(), cast, |_| true).unwrap_err();
        assert_eq!(failure.fault, None);
    }
}
