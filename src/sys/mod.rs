// SPDX-License-Identifier: GPL-2.0

//! Safe wrappers (faces) of the kernel objects that anycast groups need.
//!
//! Each file names the lock or reference that makes the methods of its object sound, and makes the
//! type system demand it: a guard, an [`ARef`](kernel::sync::aref::ARef), an exclusive borrow.

#[macro_use]
pub(crate) mod face;

pub(crate) mod addr;
pub(crate) mod admission;
pub(crate) mod bind_request;
pub(crate) mod bookmarks;
pub(crate) mod clock;
pub(crate) mod disable_ipv6;
mod ethernet;
pub(crate) mod genl;
pub(crate) mod handover;
mod handover_table;
mod heartbeat;
mod hearts;
mod icmpv6_socket;
pub(crate) mod inet6_dev;
pub(crate) mod inet6_ifaddr;
pub(crate) mod livepatch;
pub(crate) mod memory;
pub(crate) mod module_name;
pub(crate) mod net;
pub(crate) mod net_device;
pub(crate) mod net_work;
pub(crate) mod notifiers;
pub(crate) mod objects;
pub(crate) mod once;
pub(crate) mod owned;
pub(crate) mod pernet;
pub(crate) mod pid;
pub(crate) mod proc_files;
pub(crate) mod reconciler;
mod resets;
pub(crate) mod route;
pub(crate) mod rtnl;
pub(crate) mod segment;
pub(crate) mod seq_lines;
pub(crate) mod settings;
pub(crate) mod sock;
mod stats;
pub(crate) mod syn;
pub(crate) mod trace;
pub(crate) mod user;
pub(crate) mod work;
