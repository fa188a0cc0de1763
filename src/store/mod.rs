// SPDX-License-Identifier: GPL-2.0

//! The kernel's own anycast objects, and the index over them.
//!
//! The objects are the authoritative state, in the form that C gives them: a device's list, the
//! hash of all groups, a socket's list. Each file names the lock or reference that makes the
//! methods of its object sound, and makes the type system demand it.

pub(crate) mod ac_list;
pub(crate) mod acaddr;
pub(crate) mod acaddr_hash;
pub(crate) mod index;
pub(crate) mod joined;
pub(crate) mod list_lock;
pub(crate) mod membership;
pub(crate) mod notify;
pub(crate) mod seq;
