// SPDX-License-Identifier: GPL-2.0

//! Two who join and one who leaves a group while something happens to its device: all interleavings.
//!
//! The actors run `src/group`, `src/publish` and `src/entry`, on a [`fake`](crate::fake) of the kernel's objects.
//! Whenever all has come to rest the group must be listed, held, answered for, delivered and told of, or
//! nothing of that ([`fault`](crate::fake::fault)). Then everybody leaves, and nothing may be left.

mod addrconf;
mod c;
pub(crate) mod program;
pub(crate) mod scenarios;
