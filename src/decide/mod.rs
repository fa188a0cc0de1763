// SPDX-License-Identifier: GPL-2.0

//! Decisions: who may join, which membership is meant, what becomes of a group.
//!
//! `core` only: no unsafe, no kernel. Every file is tested on the host (`tests/host`).

#![forbid(unsafe_code)]

pub(crate) mod addr;
pub(crate) mod admission;
pub(crate) mod bookmarks;
pub(crate) mod build_id;
pub(crate) mod counter;
pub(crate) mod decimal;
pub(crate) mod holders;
pub(crate) mod lifecycle;
pub(crate) mod membership;
pub(crate) mod pass;
pub(crate) mod proc_line;
pub(crate) mod unicast;
pub(crate) mod users;
pub(crate) mod well_known;
