// SPDX-License-Identifier: GPL-2.0

//! Host tests of `src/logic`: `scripts/test --host`.
//!
//! - Each file of `src/logic` has a file of the same name here, with examples, with all combinations where
//!   there are few, and with [`properties`] of whatever proptest chooses, mostly the agreement with the
//!   same thing told differently.
//! - [`race`] has two who join and one who leaves a group while something happens to its device, in all
//!   interleavings, tried by the [`explorer`].
//!
//! The last follows `src` step by step, so what changes there has to change here. It says how many states it
//! went through, and fails when those are too few or nothing happened in them. It also leaves out pieces on
//! purpose, and must find what comes of it.

#[path = "../../src/logic/mod.rs"]
mod logic;

mod addr;
mod admission;
mod bookmarks;
mod counter;
mod explorer;
mod group;
mod holders;
mod lifecycle;
mod membership;
mod proc_line;
mod properties;
mod race;
mod unicast;
mod well_known;
