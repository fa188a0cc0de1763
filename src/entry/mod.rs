// SPDX-License-Identifier: GPL-2.0

//! Entry: who calls. Each file answers one kind of caller, in the module's own types; C's arguments have
//! been converted by then.

#![forbid(unsafe_code)]

pub(crate) mod addrconf;
pub(crate) mod bind;
pub(crate) mod events;
pub(crate) mod kernel_api;
pub(crate) mod namespaces;
pub(crate) mod setsockopt;
pub(crate) mod syn;
