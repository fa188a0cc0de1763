// SPDX-License-Identifier: GPL-2.0

//! The takeover: a livepatch that puts Rust in the place of net/ipv6/anycast.c, and hands back.
//!
//! The kernel's own objects (`idev->ac_list`, the hash, `np->ipv6_ac_list`) stay the truth for what
//! is live, in the form that C gives them. So C and Rust may work on them side by side while tasks move
//! from one to the other, and an object made by one may be freed by the other.
//!
//! What the module knows more is in the side [`registry`](crate::group::registry). They are there only while no
//! task is in C: from the end of the transition to Rust to the beginning of the one back.

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
