// SPDX-License-Identifier: GPL-2.0

//! Brings what the world sees of groups into line with what their holders and devices ask for, after
//! events that did not say which group they concern.
//!
//! In a kernel thread, for the events come in any context. Only the namespaces are looked at that had
//! events, so that nobody pays for another's.

use crate::{
    sys::{
        net::Net,
        rtnl::Rtnl,
        work::Work, //
    },
    tables,
};
use kernel::prelude::*;

/// Asked for by whoever saw an event.
pub(crate) static RECONCILE: Work = Work::new(run);

/// Milliseconds until what has to wait is tried again: for memory, or for a device's IPv6 to be enabled.
const RETRY_MSECS: u32 = 1000;

/// After an event in `net`. Any context.
pub(crate) fn soon(net: &Net) {
    net.count_event();
    RECONCILE.soon();
}

/// After something in `net` that has to wait. Any context.
pub(crate) fn later(net: &Net) {
    net.count_event();
    again_later();
}

/// After a [`reconcile()`] that failed.
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
        result = result.and(interface.catch_up());
    }
    result
}
