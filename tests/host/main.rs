// SPDX-License-Identifier: GPL-2.0

//! World tests of `src/decide`: `scripts/test --host`.
//!
//! - Each file of `src/decide` has a file of the same name here, with examples, with all combinations where
//!   there are few, and with [`properties`] of whatever proptest chooses, mostly the agreement with the
//!   same thing told differently.
//! - [`race`] has two who join and one who leaves a group while something happens to its device, in all
//!   interleavings, tried by the [`explorer`].
//! - [`handover`] has a takeover and a hand-back with others at work on the lists and side tables, in all
//!   executions, tried by loom.
//!
//! The last two follow `src` step by step, so what changes there has to change here. They say how many
//! states and executions they went through, and fail when those are too few or nothing happened in them.
//! Each also leaves out pieces on purpose, and must find what comes of it.

#[path = "../../src/decide/mod.rs"]
mod decide;

mod addr;
mod admission;
mod bookmarks;
mod build_id;
mod counter;
mod decimal;
mod explorer;
mod handover;
mod holders;
mod lifecycle;
mod membership;
mod pass;
mod proc_line;
mod properties;
mod race;
mod unicast;
mod users;
mod well_known;
