// SPDX-License-Identifier: GPL-2.0

//! Brings what the world sees of groups into line with what their holders and devices ask for, after
//! events that did not say which group they concern.
//!
//! In a kernel thread, for the events come in any context.

use crate::{
    sys::{
        rtnl::Rtnl,
        work::Work, //
    },
    tables,
};
use kernel::prelude::*;

/// Asked for by whoever saw an event.
pub(crate) static RECONCILE: Work = Work::new(run);

/// Milliseconds until something that failed for want of memory is tried again.
const RETRY_MSECS: u32 = 1000;

/// After something that could not be done for want of memory.
pub(crate) fn again_later() {
    RECONCILE.after(RETRY_MSECS);
}

fn run() {
    if reconcile(&Rtnl::lock()).is_err() {
        again_later();
    }
}

/// Under RTNL, which keeps devices and their addresses as they are meanwhile.
pub(crate) fn reconcile(rtnl: &Rtnl) -> Result {
    tables::adopt(rtnl)?;
    // What cannot be settled now keeps no other from being so.
    let mut result = Ok(());
    for interface in tables::all()? {
        result = result.and(interface.settle());
    }
    result
}
