// SPDX-License-Identifier: GPL-2.0

//! Programs of actions that reach ever more of the module.

use crate::{action::Action, choice, kcov::Kcov, run::Run};
use rand::{seq::SliceRandom, Rng};
use std::{
    collections::{hash_map::DefaultHasher, HashSet},
    hash::{Hash, Hasher},
};

/// One after the other, from the beginning.
pub type Program = Vec<Action>;

const LONGEST: usize = 40;

/// Two addresses that were executed one after the other.
type Edge = (u64, u64);

pub struct Fuzzer {
    kcov: Kcov,
    seen: HashSet<Edge>,
    pub corpus: Vec<Program>,
    pub programs: u64,
}

impl Fuzzer {
    pub fn new(kcov: Kcov) -> Self {
        Self {
            kcov,
            seen: HashSet::new(),
            corpus: Vec::new(),
            programs: 0,
        }
    }

    pub fn edges(&self) -> usize {
        self.seen.len()
    }

    /// Runs a program, and keeps it if it has reached something new.
    pub fn try_out(&mut self, run: &mut Run, program: Program) -> Result<(), String> {
        let new = self.execute(run, &program)?;
        if new.is_empty() {
            return Ok(());
        }
        let program = self.shortened(run, program, &new)?;
        self.seen.extend(new);
        self.corpus.push(program);
        Ok(())
    }

    /// A new program, as a rule from one of the corpus.
    pub fn invent<R: Rng>(&self, rng: &mut R) -> Program {
        let mut program = match self.corpus.choose(rng) {
            Some(program) if rng.gen_bool(0.9) => program.clone(),
            _ => (0..rng.gen_range(1..LONGEST))
                .map(|_| choice::action(rng))
                .collect(),
        };
        for _ in 0..rng.gen_range(1..4) {
            self.change(rng, &mut program);
        }
        program.truncate(LONGEST);
        program
    }

    fn change<R: Rng>(&self, rng: &mut R, program: &mut Program) {
        let place = rng.gen_range(0..=program.len());
        match rng.gen_range(0..6) {
            0..=2 => program.insert(place, choice::action(rng)),
            3 if place < program.len() => drop(program.remove(place)),
            4 if place < program.len() => program[place] = choice::action(rng),
            _ => {
                if let Some(other) = self.corpus.choose(rng) {
                    let start = rng.gen_range(0..=other.len());
                    program.splice(place.., other[start..].iter().copied());
                }
            }
        }
    }

    /// Runs a program; what it has reached that no other did.
    fn execute(&mut self, run: &mut Run, program: &[Action]) -> Result<HashSet<Edge>, String> {
        self.programs += 1;
        self.kcov.clear();
        for action in program {
            run.step(action)?;
        }
        let mut previous = 0;
        let mut edges = HashSet::new();
        for address in self.kcov.addresses() {
            if !self.seen.contains(&(previous, address)) {
                edges.insert((previous, address));
            }
            previous = address;
        }
        run.reset()?;
        Ok(edges)
    }

    /// The program without the actions that it needs not to reach all this.
    fn shortened(
        &mut self,
        run: &mut Run,
        mut program: Program,
        new: &HashSet<Edge>,
    ) -> Result<Program, String> {
        let mut place = program.len();
        while place > 0 {
            place -= 1;
            let mut shorter = program.clone();
            shorter.remove(place);
            if self.execute(run, &shorter)?.is_superset(new) {
                program = shorter;
            }
        }
        Ok(program)
    }
}

const LICENCE: &str = "# SPDX-License-Identifier: GPL-2.0\n";

/// One action a line, as JSON.
pub fn text(program: &[Action]) -> String {
    let lines = program.iter().map(serde_json::to_string);
    let lines = lines.map(|line| line.expect("an action is JSON") + "\n");
    LICENCE.to_owned() + &lines.collect::<String>()
}

pub fn parse(text: &str) -> serde_json::Result<Program> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(serde_json::from_str).collect()
}

/// A file name for the program; the same for the same.
pub fn name(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}.txt", hasher.finish())
}
