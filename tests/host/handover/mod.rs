// SPDX-License-Identifier: GPL-2.0

//! How a group passes from C to the side tables and back while others are at work on it: all executions
//! that the memory model allows, by loom.
//!
//! [`kernel`] has the kernel's list and hash, its counted objects and RCU, [`index`] the module's index;
//! [`module`] does with them what
//! `src/group/registry.rs`, `src/group/device.rs`, `src/group/set.rs`, `src/group/group.rs` and `src/group/transition.rs` do, and
//! [`c`] what C does. Each [`flaw`] leaves out one piece of the protocol, and must be found.

mod c;
mod flaw;
mod index;
mod kernel;
mod module;
mod scenarios;
