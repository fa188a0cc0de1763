// SPDX-License-Identifier: GPL-2.0

//! World and model in step.

use crate::{
    action::{Action, Argument},
    choice,
    listing::{self, Line},
    model::{Model, Prediction, Rules},
    system,
    world::{Answer, World},
};
use rand::{seq::IteratorRandom, Rng};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
    thread,
    time::{Duration, Instant},
};

/// Actions after which the listing is compared, if none concerned many groups or holders.
const BATCH: u64 = 64;
/// Of the actions before a difference so many are told.
const HISTORY: usize = 12;
/// The kernel does some things in the background.
const LIMIT: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(2);

pub struct Run {
    world: World,
    model: Model,
    history: VecDeque<String>,
    done: u64,
    tally: BTreeMap<String, u64>,
}

impl Run {
    /// At the beginning: sockets none, the devices with their addresses.
    pub fn new(rules: Rules) -> Result<Self, String> {
        let failed = |errno| format!("no network namespace to work in: {}", system::name(errno));
        let mut run = Self {
            world: World::new().map_err(failed)?,
            model: Model::new(rules),
            history: VecDeque::new(),
            done: 0,
            tally: BTreeMap::new(),
        };
        run.reset()?;
        Ok(run)
    }

    /// An action at random; many of them leave, steer or share what is held, which pure chance would
    /// seldom hit.
    pub fn suggest<R: Rng>(&self, rng: &mut R) -> Action {
        match self.model.memberships().choose(rng) {
            Some((slot, argument)) if rng.gen_bool(0.15) => Action::Leave(slot, argument),
            Some((_, Argument { address, index, .. })) if rng.gen_bool(0.1) => {
                Action::Order(choice::order(rng), address, index)
            }
            Some((_, argument)) if rng.gen_bool(0.05) => Action::Join(choice::slot(rng), argument),
            _ => choice::action(rng),
        }
    }

    /// Fails with a description when the kernel does otherwise than predicted.
    pub fn step(&mut self, action: &Action) -> Result<(), String> {
        let predicted = self.model.predict(action);
        if predicted == Prediction::Skip {
            return Ok(());
        }
        let mut answer = self.world.act(action);
        if let (Prediction::Answered(true), Answer::Advertised(false), Action::Packet(packet)) =
            (&predicted, &answer, action)
        {
            // A busy host answers when its ksoftirqd comes to it.
            let heard = || Ok(self.world.advertises(packet.address));
            answer = Answer::Advertised(settled(&true, heard)?);
        }
        self.done += 1;
        self.remember(action, &answer);
        let expected = match predicted {
            Prediction::Result(result) => Some(Answer::Result(result)),
            Prediction::Answered(answered) => Some(Answer::Advertised(answered)),
            Prediction::Any | Prediction::Skip => None,
        };
        if expected.is_some_and(|expected| expected != answer) {
            let (predicted, seen) = (expected.map(|e| describe(&e)), describe(&answer));
            let predicted = predicted.unwrap_or_default();
            return Err(self.difference(&format!("predicted {predicted}, seen {seen}")));
        }
        if self.done % BATCH == 0 || concerns_many(action) {
            self.compare()?;
        }
        Ok(())
    }

    /// Back to the beginning, where the listing is compared once more.
    pub fn reset(&mut self) -> Result<(), String> {
        for action in self.model.way_back() {
            self.step(&action)?;
        }
        self.compare()
    }

    /// How many actions were done, of each kind and with each result.
    pub fn tally(&self) -> &BTreeMap<String, u64> {
        &self.tally
    }

    pub fn done(&self) -> u64 {
        self.done
    }

    fn compare(&self) -> Result<(), String> {
        let predicted = self.model.listing();
        let read = || listing::read().map_err(|error| format!("no listing: {error}"));
        let seen = settled(&predicted, read)?;
        if seen == predicted {
            listing::await_publication();
            return Ok(());
        }
        let (predicted, seen) = (text(&predicted), text(&seen));
        Err(self.difference(&format!("listing: predicted {predicted}, seen {seen}")))
    }

    fn remember(&mut self, action: &Action, answer: &Answer) {
        let text = format!("{action:?}");
        let kind = text.split('(').next().unwrap_or_default();
        let key = format!("{kind} {}", describe(answer));
        *self.tally.entry(key).or_default() += 1;
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history
            .push_back(format!("{text}: {}", describe(answer)));
    }

    fn difference(&self, what: &str) -> String {
        let mut text = format!("difference at action {}: {what}\n", self.done);
        for line in &self.history {
            let _ = writeln!(text, "    {line}");
        }
        text
    }
}

/// Looks until it sees what is `wanted`, or for [`LIMIT`]; what it saw last.
fn settled<T: PartialEq>(
    wanted: &T,
    mut look: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let seen = look()?;
        if seen == *wanted || Instant::now() > deadline {
            return Ok(seen);
        }
        thread::sleep(STEP);
    }
}

fn concerns_many(action: &Action) -> bool {
    matches!(
        action,
        Action::Fill(..)
            | Action::Order(..)
            | Action::Forward(..)
            | Action::Up(..)
            | Action::Ipv6(..)
            | Action::Small(..)
            | Action::AddAddress(..)
            | Action::DeleteAddress(..)
            | Action::Presence(..)
    )
}

fn describe(answer: &Answer) -> String {
    match *answer {
        Answer::Result(Ok(())) => "OK".into(),
        Answer::Result(Err(errno)) => system::name(errno),
        Answer::Advertised(true) => "an advertisement".into(),
        Answer::Advertised(false) => "silence".into(),
    }
}

fn text(lines: &[Line]) -> String {
    let lines = lines.iter();
    let lines = lines.map(|line| format!("{} {} {}", line.device, line.addr, line.users));
    format!("[{}]", lines.collect::<Vec<_>>().join(", "))
}
