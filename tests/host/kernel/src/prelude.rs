// SPDX-License-Identifier: GPL-2.0

//! `rust/kernel/prelude.rs`

pub use crate::{
    alloc::{flags::*, KBox, KVVec},
    error::{code::*, Error, Result},
    pin_init, pr_err, pr_info, pr_warn,
};
pub use kernel_macros::pin_data;
