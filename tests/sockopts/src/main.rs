// SPDX-License-Identifier: GPL-2.0

//! Does what programs, an administrator and a neighbour may do to a host with anycast groups, compares
//! every answer and the listing with a model, and stops at the first difference. To be run as root; all
//! happens in a network namespace of its own.

mod action;
mod choice;
mod control;
mod frame;
mod fuzz;
mod kcov;
mod listing;
mod memory;
mod model;
mod netlink;
mod pool;
mod run;
mod system;
mod tap;
mod world;

use crate::{
    fuzz::{Fuzzer, Program},
    kcov::Kcov,
    model::Rules,
    run::Run,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

const USAGE: &str = "\
usage: sockopts random --seed N --count N [OPTIONS]    so many actions at random
       sockopts replay FILE ... [OPTIONS]              programs of a corpus, each from the beginning
       sockopts fuzz --seed N --seconds N --corpus DIR [OPTIONS]
                 programs that reach more and more of the module, which must have been built for
                 a kernel with KCOV; those that reached something new go to DIR

       sockopts rules                                  the names of the model's rules

options: --rules module|builtin-c   what the model goes by (default: module)
         --wrong RULE               inverts one of its rules

The last line is `done: NUMBER actions`, before it comes what they were and how they ended.
Status 1: the kernel did otherwise than predicted.";

/// The command line.
struct Options {
    command: String,
    files: Vec<PathBuf>,
    rules: Rules,
    seed: u64,
    count: u64,
    seconds: u64,
    corpus: PathBuf,
}

fn main() -> ExitCode {
    let options = match parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match perform(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sockopts: seed {}: {message}", options.seed);
            ExitCode::FAILURE
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        command: words.next().unwrap_or_default(),
        files: Vec::new(),
        rules: Rules::MODULE,
        seed: 0,
        count: 0,
        seconds: 0,
        corpus: PathBuf::new(),
    };
    let mut wrong = Vec::new();
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            options.files.push(word.into());
            continue;
        }
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = || {
            value
                .parse()
                .map_err(|_| format!("{word}: no number: {value}"))
        };
        match word.as_str() {
            "--seed" => options.seed = number()?,
            "--count" => options.count = number()?,
            "--seconds" => options.seconds = number()?,
            "--corpus" => options.corpus = value.into(),
            "--rules" if value == "module" => options.rules = Rules::MODULE,
            "--rules" if value == "builtin-c" => options.rules = Rules::BUILTIN_C,
            "--wrong" => wrong.push(value),
            _ => return Err(format!("unknown argument: {word} {value}")),
        }
    }
    for rule in wrong {
        options.rules.invert(&rule)?;
    }
    Ok(options)
}

fn perform(options: &Options) -> Result<(), String> {
    if options.command == "rules" {
        println!("{}", Rules::NAMES.join("\n"));
        return Ok(());
    }
    let mut run = Run::new(options.rules)?;
    match options.command.as_str() {
        "random" => random(&mut run, options)?,
        "replay" => replay(&mut run, &options.files)?,
        "fuzz" => fuzz(&mut run, options)?,
        command => return Err(format!("unknown command '{command}'\n{USAGE}")),
    }
    for (what, times) in run.tally() {
        println!("{times:8} {what}");
    }
    println!("done: {} actions", run.done());
    Ok(())
}

fn random(run: &mut Run, options: &Options) -> Result<(), String> {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    while run.done() < options.count {
        let action = run.suggest(&mut rng);
        run.step(&action)?;
    }
    run.reset()
}

fn replay(run: &mut Run, files: &[PathBuf]) -> Result<(), String> {
    for file in files {
        for action in &read(file)? {
            let named = |difference| format!("{}: {difference}", file.display());
            run.step(action).map_err(named)?;
        }
        run.reset()?;
    }
    Ok(())
}

fn fuzz(run: &mut Run, options: &Options) -> Result<(), String> {
    let kcov = Kcov::new().map_err(|errno| format!("KCOV: {}", system::name(errno)))?;
    let kcov = kcov.ok_or("this kernel has no KCOV")?;
    let deadline = Instant::now() + Duration::from_secs(options.seconds);
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut fuzzer = Fuzzer::new(kcov);
    for file in programs_in(&options.corpus)? {
        fuzzer.try_out(run, read(&file)?)?;
    }
    println!(
        "corpus: {} programs, {} edges",
        fuzzer.corpus.len(),
        fuzzer.edges()
    );
    while Instant::now() < deadline {
        let known = fuzzer.corpus.len();
        let program = fuzzer.invent(&mut rng);
        let text = fuzz::text(&program);
        fuzzer
            .try_out(run, program)
            .map_err(|difference| format!("{difference}{text}"))?;
        if fuzzer.corpus.len() > known {
            write(&options.corpus, &fuzzer.corpus[known])?;
        }
    }
    if fuzzer.edges() == 0 {
        return Err("nothing of the module is instrumented".into());
    }
    println!("programs: {}", fuzzer.programs);
    println!(
        "corpus: {} programs, {} edges",
        fuzzer.corpus.len(),
        fuzzer.edges()
    );
    Ok(())
}

fn programs_in(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(directory).map_err(failed)?;
    let paths: Result<Vec<_>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn read(file: &Path) -> Result<Program, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    fuzz::parse(&text).map_err(|error| failed(&error))
}

fn write(directory: &Path, program: &Program) -> Result<(), String> {
    let text = fuzz::text(program);
    let path = directory.join(fuzz::name(&text));
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
