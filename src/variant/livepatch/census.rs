// SPDX-License-Identifier: GPL-2.0

//! The numbers of groups and holders to take over or hand back, for the log.

use crate::store::acaddr_hash;
use kernel::{
    fmt,
    sync::rcu, //
};

/// The groups of all namespaces, and their holders.
pub(crate) struct Census {
    pub(super) groups: usize,
    pub(super) users: i64,
}

impl Census {
    /// Counts them. Any context.
    pub(crate) fn take() -> Self {
        let rcu = rcu::read_lock();
        acaddr_hash::all(&rcu).fold(
            Self {
                groups: 0,
                users: 0,
            },
            |census, group| Self {
                groups: census.groups + 1,
                users: census.users + i64::from(group.users().as_raw()),
            },
        )
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} groups with {} holders", self.groups, self.users)
    }
}
