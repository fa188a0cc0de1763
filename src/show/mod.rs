// SPDX-License-Identifier: GPL-2.0

//! What is shown: `/proc/net/anycast6`, the module's own files in `/proc/net` and debugfs, and the dumps of
//! its netlink family.

#![forbid(unsafe_code)]

pub(crate) mod anycast6;
pub(crate) mod debugfs;
pub(crate) mod groups;
pub(crate) mod members;
mod stat;

use crate::sys::proc_files::File;

/// The module's own files in `/proc/net`. Everybody may read the counters; only the administrator
/// may see the holders.
pub(crate) static FILES: [File; 2] = [
    File::text::<stat::Stat>(c"anycast6_stat", 0o444),
    File::lines::<members::Holders>(c"anycast6_members", 0o400),
];
