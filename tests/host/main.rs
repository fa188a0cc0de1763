// SPDX-License-Identifier: GPL-2.0

//! Tests of `src/decide`, `src/group`, `src/publish` and `src/entry` on the host: `scripts/test --host`, or
//! `cargo test` here.
//!
//! - Each file of `src/decide` has a file of the same name here, with examples, with all combinations where
//!   there are few, and with [`properties`] of whatever proptest chooses, mostly the agreement with the
//!   same thing told differently.
//! - [`race`] has two who join and one who leaves a group while something happens to its device, in all
//!   interleavings, tried by the [`explorer`]. They run the files of `src` as they are, on a [`fake`] of the
//!   kernel's objects and a thin `kernel` crate.
//! - [`takeover`] has a takeover and a hand-back, with others at work, in the same way.
//! - [`lists`] has a model of the kernel's lists, in all executions that the memory model allows, tried by
//!   loom.
//!
//! The last three say how many states and executions they went through, and fail when those are too few or
//! nothing happened in them. Each also leaves out pieces on purpose, and must find what comes of it.
//!
//! `make test-mutants` changes the expressions of `src/decide`. The tests notice each change, but for those in
//! the list `survivors`.

#![cfg(test)]

#[path = "../../src/decide/mod.rs"]
mod decide;
// The models do not call all of it.
#[allow(dead_code)]
#[path = "../../src/group/mod.rs"]
mod group;
#[allow(dead_code)]
#[path = "../../src/publish/mod.rs"]
mod publish;

#[allow(dead_code)]
#[path = "fake/entry.rs"]
mod entry;
#[allow(dead_code)]
#[path = "fake/store.rs"]
mod store;
#[allow(dead_code)]
#[path = "fake/sys.rs"]
mod sys;

mod addr;
mod admission;
mod bookmarks;
mod build_id;
mod counter;
mod decimal;
mod explorer;
mod export;
mod fake;
mod handover;
mod heartbeat;
mod holders;
mod lifecycle;
mod lists;
mod membership;
mod neighbour_message;
mod pass;
mod proc_line;
mod properties;
mod race;
mod reset;
mod service;
mod takeover;
mod timetable;
mod unicast;
mod users;
mod well_known;
