// SPDX-License-Identifier: GPL-2.0

//! Host tests of `src/logic`: `rustc --edition 2021 --test tests/host/main.rs`.

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
mod unicast;
mod well_known;
