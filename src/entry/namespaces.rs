// SPDX-License-Identifier: GPL-2.0

//! The module's state in each network namespace, existing or new.

use crate::{
    decide::admission::Policy,
    entry::reset,
    group::{
        alarm,
        reconcile, //
    },
    show,
    sys::{
        net::Net,
        once::Once,
        pernet::{
            AllNets,
            Namespace,
            Operations, //
        },
        proc_files::File,
        segment::Segment, //
    },
};
use kernel::{
    prelude::*,
    sync::SetOnce, //
};

static OPERATIONS: Operations = Operations::new::<Groups>();

/// The initial admission policy of the initial network namespace.
static FIRST_POLICY: SetOnce<Policy> = SetOnce::new();

/// The registration; dropping it removes the state from all namespaces.
pub(crate) struct Namespaces {
    _nets: AllNets,
}

impl Namespaces {
    /// Sets up all existing namespaces, and each new one. `policy` is the initial one of the
    /// initial namespace. Fails with `ENOMEM`.
    pub(crate) fn begin(policy: Policy, once: Once<AllNets>) -> Result<Self> {
        FIRST_POLICY.populate(policy);
        let nets = AllNets::register(&OPERATIONS, once)?;
        Ok(Self { _nets: nets })
    }
}

/// The groups of a namespace.
struct Groups;

impl Namespace for Groups {
    const FILES: &'static [File] = &show::FILES;

    fn first_policy() -> Policy {
        FIRST_POLICY.copy().unwrap_or(Policy::Nothing)
    }

    fn reconcile(net: &Net) {
        reconcile::run(net);
    }

    fn ring(net: &Net) {
        alarm::ring(net);
    }

    fn arrived(segment: &Segment<'_>) {
        reset::segment(segment);
    }
}
