// SPDX-License-Identifier: GPL-2.0

//! What `src` uses of the kernel crate, for the host: the same names, over the standard library, and locks
//! that are the places where actors take turns ([`stage`]).
//!
//! Only what `src/decide`, `src/group`, `src/publish` and `src/entry` ask for is there.

pub mod alloc;
mod arena;
pub mod coroutine;
pub mod error;
mod macros;
pub mod prelude;
pub mod rbtree;
pub mod stage;
pub mod sync;
pub mod task;

/// `rust/kernel/fmt.rs`
pub mod fmt {
    pub use std::{fmt::*, format_args as fmt};
}

pub use std::format_args as fmt;
