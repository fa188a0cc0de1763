// SPDX-License-Identifier: GPL-2.0

//! What each network namespace gets when the module comes, or the namespace.

use crate::{
    decide::admission::Policy,
    group::reconcile,
    show,
    sys::{
        net::Net,
        once::Once,
        pernet::{
            AllNets,
            Namespace,
            Operations, //
        },
        proc_files::File, //
    },
};
use kernel::{
    prelude::*,
    sync::SetOnce, //
};

static OPERATIONS: Operations = Operations::new::<Groups>();

/// What may be joined without privilege where the system began, to begin with.
static FIRST_POLICY: SetOnce<Policy> = SetOnce::new();

/// All namespaces have it, until this is dropped.
pub(crate) struct Namespaces {
    _nets: AllNets,
}

impl Namespaces {
    /// Begins in all namespaces that there are, and in each new one.
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
}
