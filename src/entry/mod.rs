// SPDX-License-Identifier: GPL-2.0

//! Entry points, one file for each kind of caller, in the module's own types: C's arguments have
//! been converted before.

#![forbid(unsafe_code)]

pub(crate) mod addrconf;
pub(crate) mod bind;
pub(crate) mod control;
pub(crate) mod events;
pub(crate) mod kernel_api;
pub(crate) mod namespaces;
pub(crate) mod reset;
pub(crate) mod setsockopt;
pub(crate) mod syn;
