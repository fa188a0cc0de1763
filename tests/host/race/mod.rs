// SPDX-License-Identifier: GPL-2.0

//! Two who join and one who leaves a group while something happens to its device: all interleavings.
//!
//! The actors do what `src/group/mod.rs`, `src/group/set.rs`, `src/group/group.rs`, `src/entry/events.rs` and
//! `src/group/reconcile.rs` do, decided by `src/decide` itself, on a model of the kernel's objects ([`kernel`]).
//! Whenever all has come to rest the group must be listed, held, answered for, delivered and told of, or
//! nothing of that ([`fault`]). Then everybody leaves, and nothing may be left.

mod addrconf;
mod c;
mod fault;
mod kernel;
mod module;
mod program;
mod scenarios;
