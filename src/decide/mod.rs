// SPDX-License-Identifier: GPL-2.0

//! Decisions: admission, which membership a leave matches, the life cycle of a group.
//!
//! `core` only, without unsafe code and without the kernel. Every file is tested on the host
//! (`tests/host`).

#![forbid(unsafe_code)]

pub(crate) mod addr;
pub(crate) mod admission;
pub(crate) mod bookmarks;
pub(crate) mod build_id;
pub(crate) mod counter;
pub(crate) mod decimal;
pub(crate) mod export;
pub(crate) mod handover;
pub(crate) mod heartbeat;
pub(crate) mod holders;
pub(crate) mod lifecycle;
pub(crate) mod membership;
pub(crate) mod neighbour_message;
pub(crate) mod pass;
pub(crate) mod proc_line;
pub(crate) mod reset;
pub(crate) mod service;
pub(crate) mod unicast;
pub(crate) mod users;
pub(crate) mod well_known;
