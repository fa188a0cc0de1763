// SPDX-License-Identifier: GPL-2.0

//! A device's list and the hash of all groups while others look: all executions that the memory model
//! allows, by loom.
//!
//! [`kernel`] has list and hash, counted objects and RCU, as `src/store` and net/ipv6/anycast.c use them;
//! [`c`] does with them what C does, and `src/group/transition.rs`. Each [`flaw`] leaves out one piece, and must
//! be found. This is a model: `src/store` is made of the kernel's own lists, which are not here.

mod c;
mod flaw;
mod kernel;
mod scenarios;
