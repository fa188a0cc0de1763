// SPDX-License-Identifier: GPL-2.0

//! The kernel's own anycast objects, and the index over them.
//!
//! The objects are the truth for what is live, in the form that C gives them: a device's list, the hash of
//! all groups, a socket's list. Each file says for its object which lock or reference makes its methods sound,
//! and has the type system ask for it.

pub(crate) mod ac_list;
pub(crate) mod acaddr;
pub(crate) mod acaddr_hash;
pub(crate) mod index;
pub(crate) mod joined;
pub(crate) mod list_lock;
pub(crate) mod membership;
pub(crate) mod notify;
pub(crate) mod seq;
