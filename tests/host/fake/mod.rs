// SPDX-License-Identifier: GPL-2.0

//! What the real code of `src/group`, `src/publish` and `src/entry` works on: a [`world`] with one group of
//! one device. [`sys`](crate::sys) and [`store`](crate::store) are its faces, with the names that they have in
//! `src`; [`fault`] says what a group must not be.

pub(crate) mod fault;
pub(crate) mod world;

use kernel::prelude::*;
use world::{lacks, Flaw};

/// Whoever finds a device closed looks again; fails where that is left out.
pub(crate) fn look_again() -> Result {
    match lacks(Flaw::NoSecondLook) {
        true => Err(ENOENT),
        false => Ok(()),
    }
}

/// Does a device stay open when it has left the tables?
pub(crate) fn left_open() -> bool {
    lacks(Flaw::LeftOpen)
}
