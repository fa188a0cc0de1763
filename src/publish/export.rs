// SPDX-License-Identifier: GPL-2.0

//! The export of published groups: a route of each in the table of the namespace that routing daemons
//! learn from (`net.ipv6.anycast6.export_table`).
//!
//! The route is a blackhole, as the loopback device is its device: a daemon takes it for a prefix that this host
//! originates. The group knows the route as an object, not by its looks, so no route but its own is
//! ever deleted.
//!
//! Process context, under the publish lock.

use super::observe;
use crate::{
    decide::export,
    sys::{
        memory::CHARGED_OR_NONE,
        net::Net,
        net_device::NetDevice,
        route::Route, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// The routes' protocol (`rtm_protocol`): ABI. The kernel and the daemons do not use it.
const PROTOCOL: u8 = 200;

/// The export of a group.
#[derive(Default)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Export(Option<ARef<Route>>);

impl Export {
    /// The table where the group is exported, [`None`] also when somebody has deleted the route.
    pub(crate) fn table(&self) -> Option<u32> {
        let route = self.0.as_ref().filter(|route| route.is_in_table())?;
        Some(route.table())
    }

    /// Exports the group `addr` of `device` to `table`, from where it was.
    ///
    /// Fails with `ENOMEM`, `ENODEV` when the loopback device has no IPv6, or `EEXIST` when there
    /// is an equal route, which stays. The group is exported nowhere then.
    pub(crate) fn begin(&mut self, device: &NetDevice, addr: &Ipv6Addr, table: u32) -> Result {
        let net = device.net();
        self.end(net);
        let metric = export::metric(device.ifindex());
        // On behalf of whoever joins. The reconciler repeats what fails, which nobody is charged for.
        let added = Route::new_blackhole(net, table, addr, PROTOCOL, metric, CHARGED_OR_NONE)
            .and_then(|route| route.insert(net).map(|()| route));
        observe::exported(device, added.is_ok());
        self.0 = Some(added?);
        Ok(())
    }

    /// Ends the export, if there is one.
    pub(crate) fn end(&mut self, net: &Net) {
        if let Some(route) = self.0.take() {
            // ENOENT is fine: somebody else has deleted the route.
            let _ = Route::delete(route, net);
        }
    }
}
