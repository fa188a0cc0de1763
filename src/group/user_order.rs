// SPDX-License-Identifier: GPL-2.0

//! What users ask for a group, and why it may not happen.

use crate::decide::service::{
    Order,
    Refusal, //
};
use kernel::{
    prelude::*,
    task::Kuid, //
};

/// An order, and who gives it.
#[derive(Clone, Copy)]
pub(crate) struct UserOrder {
    pub(crate) order: Order,
    pub(crate) user: Kuid,
    /// With `CAP_NET_ADMIN`.
    pub(crate) privileged: bool,
}

/// Why an order is not carried out.
pub(crate) enum OrderError {
    /// This user may not give it, or not now.
    Refused(Refusal),
    /// There is no such group, or it cannot be done.
    Failed(Error),
}

impl From<Refusal> for OrderError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for OrderError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
