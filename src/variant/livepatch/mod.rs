// SPDX-License-Identifier: GPL-2.0

//! The takeover: a livepatch that replaces net/ipv6/anycast.c, and hands back on removal.
//!
//! The kernel's own objects (`idev->ac_list`, the hash, `np->ipv6_ac_list`) remain the
//! authoritative state, in the form that C gives them. So C and Rust can work on them side by side
//! while tasks migrate, and either may free an object that the other made.
//!
//! Everything else that the module knows is in the [`registry`](crate::group::registry). It exists
//! only while no task runs C: from the end of the transition to Rust to the beginning of the
//! transition back.

mod adoption;
mod census;
mod conflict;
mod entries;
mod functions;
pub(crate) mod identity;
mod klp_mutex;
mod others;
mod patch;
mod takeover;

pub(crate) use self::takeover::Takeover;
