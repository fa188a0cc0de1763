// SPDX-License-Identifier: GPL-2.0

//! Who keeps the groups.

use super::{
    c::C,
    kernel::{Idev, Kernel},
    module::{Flaw, Module},
};
use crate::explorer::Stage;
use std::rc::Rc;

/// The implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    C,
    Module,
    /// With a piece left out.
    Flawed(Flaw),
}

pub(super) enum Program {
    C(C),
    Module(Module),
}

impl Program {
    pub(super) fn new(by: By, stage: &Rc<Stage<Kernel>>) -> Self {
        match by {
            By::C => Self::C(C::new(stage)),
            By::Module => Self::Module(Module::new(stage, None)),
            By::Flawed(flaw) => Self::Module(Module::new(stage, Some(flaw))),
        }
    }

    pub(super) async fn join(&self, socket: usize) {
        match self {
            Self::C(c) => c.join(socket).await,
            Self::Module(module) => module.join(socket).await,
        }
    }

    pub(super) async fn leave(&self, socket: usize) {
        match self {
            Self::C(c) => c.leave(socket).await,
            Self::Module(module) => module.leave(socket).await,
        }
    }

    pub(super) async fn ipv6_gone(&self, idev: Idev) {
        match self {
            Self::C(c) => c.destroy(idev).await,
            Self::Module(module) => module.ipv6_gone().await,
        }
    }

    /// C agrees to any address.
    pub(super) async fn may_add(&self) -> bool {
        match self {
            Self::C(_) => true,
            Self::Module(module) => module.may_add().await,
        }
    }

    /// C does not care.
    pub(super) async fn device_changed(&self) {
        if let Self::Module(module) = self {
            module.device_changed().await;
        }
    }

    /// C does not care.
    pub(super) async fn device_gone(&self) {
        if let Self::Module(module) = self {
            module.device_gone().await;
        }
    }
}
