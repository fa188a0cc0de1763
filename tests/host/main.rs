// SPDX-License-Identifier: GPL-2.0

//! Host tests of `src/logic`: `scripts/test --host`.
//!
//! - Each file of `src/logic` has a file of the same name here, with examples, with all combinations where
//!   there are few, and with [`properties`] of whatever proptest chooses, mostly the agreement with the
//!   same thing told differently.

#[path = "../../src/logic/mod.rs"]
mod logic;

mod addr;
mod admission;
mod bookmarks;
mod counter;
mod group;
mod holders;
mod lifecycle;
mod membership;
mod proc_line;
mod properties;
mod unicast;
mod well_known;
