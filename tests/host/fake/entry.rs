// SPDX-License-Identifier: GPL-2.0

//! `src/entry`, as far as addrconf and other events call it.

#[path = "../../../src/entry/addrconf.rs"]
pub(crate) mod addrconf;
#[path = "../../../src/entry/events.rs"]
pub(crate) mod events;

/// Nothing begins in namespaces.
pub(crate) mod namespaces {
    use crate::{
        decide::admission::Policy,
        sys::{once::Once, pernet::AllNets},
    };
    use kernel::prelude::*;

    pub(crate) struct Namespaces(());

    impl Namespaces {
        pub(crate) fn begin(_policy: Policy, _nets: Once<AllNets>) -> Result<Self> {
            Ok(Self(()))
        }
    }
}
