// SPDX-License-Identifier: GPL-2.0

//! `net.ipv6.conf.*.disable_ipv6`. net/ipv6/addrconf.c does not notify anybody when IPv6 is enabled
//! on a device without addresses; this version does.
//!
//! C header: `include/linux/sysctl.h`

use super::{
    face::Face,
    inet6_dev::Inet6Dev,
    net::Net,
    net_device::NetDevice,
    rtnl::Rtnl, //
};
use crate::bindings::{
    self,
    symbols, //
};
use core::{
    ffi::c_int,
    ptr, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_ulong,
        c_void, //
    },
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// One of these files: of a device, of `all`, or of `default`.
///
/// # Invariants
///
/// `row` is of `addrconf_sysctl` in net/ipv6/addrconf.c, with `addrconf_sysctl_disable()` as its handler: its
/// data is the flag, its first extra the IPv6 state of the device, if it is of one, its second the namespace.
/// The kernel waits for all who read or write the file before any of them goes.
pub(crate) struct DisableIpv6<'a> {
    row: &'a bindings::ctl_table,
}

/// A callback for a device on which IPv6 is enabled or disabled.
type Callback = fn(&NetDevice, &Rtnl);

impl<'a> DisableIpv6<'a> {
    /// The file of `row`.
    ///
    /// # Safety
    ///
    /// `row` is as in the invariant, and somebody reads or writes the file for all of `'a`.
    pub(crate) unsafe fn new(row: *const bindings::ctl_table) -> Self {
        // SAFETY: The kernel keeps the row while somebody reads or writes the file, which is for `'a`.
        let row = unsafe { &*row };
        // INVARIANT: The caller has such a row.
        Self { row }
    }

    /// A program reads or writes the file. Returns the current or the new value.
    ///
    /// # Safety
    ///
    /// As for a `proc_handler`.
    pub(crate) unsafe fn transfer(
        &self,
        write: c_int,
        buffer: *mut c_void,
        len: *mut usize,
        pos: *mut bindings::loff_t,
    ) -> Result<c_int> {
        let mut value = self.flag().load(Relaxed);
        let row = bindings::ctl_table {
            data: (&raw mut value).cast(),
            ..*self.row
        };
        // SAFETY: The caller was called like this, and the number goes from and to a variable of ours.
        to_result(unsafe { bindings::proc_dointvec(&row, write, buffer, len, pos) })?;
        Ok(value)
    }

    /// Sets the flag. Calls `leaving` for each device on which that disables IPv6, before addrconf
    /// handles it, and `changed` for each on which it enabled or disabled IPv6, afterwards.
    ///
    /// Fails with `ERESTARTNOINTR` when somebody else holds RTNL, as that task may be waiting for
    /// all writers of the file. Process context.
    pub(crate) fn set(&self, value: c_int, leaving: Callback, changed: Callback) -> Result {
        let net = self.net();
        if ptr::eq(self.flag(), net.ipv6_disabled_in_new()) {
            self.flag().store(value, Relaxed);
            return Ok(());
        }
        let rtnl = Rtnl::try_lock().ok_or_else(restart)?;
        if ptr::eq(self.flag(), net.ipv6_disabled_in_all()) {
            self.flag().store(value, Relaxed);
            net.ipv6_disabled_in_new().store(value, Relaxed);
            let devices = net.devices_under(&rtnl);
            for idev in devices.filter_map(NetDevice::ipv6) {
                set_in(&idev, value, [leaving, changed], &rtnl);
            }
        } else if let Some(idev) = self.idev() {
            set_in(idev, value, [leaving, changed], &rtnl);
        }
        Ok(())
    }

    fn flag(&self) -> &'a Atomic<c_int> {
        // SAFETY: The data of the row is the flag, which all others read and write without tearing.
        unsafe { Atomic::from_ptr(self.row.data.cast()) }
    }

    fn net(&self) -> &'a Net {
        // SAFETY: The second extra of the row is the namespace, which outlives the file.
        unsafe { Net::from_raw(self.row.extra2.cast()) }
    }

    fn idev(&self) -> Option<&'a Inet6Dev> {
        // SAFETY: The first extra of the row is null or the IPv6 state, which outlives the file.
        unsafe { Inet6Dev::from_nullable(self.row.extra1.cast()) }
    }
}

/// Restarts the system call.
fn restart() -> Error {
    // SAFETY: In process context there is a task.
    Error::from_errno(unsafe { bindings::anycast6_helper_restart_syscall() })
}

fn set_in(idev: &Inet6Dev, value: c_int, [leaving, changed]: [Callback; 2], rtnl: &Rtnl) {
    let disabled = idev.ipv6_disabled();
    let was = disabled.load(Relaxed);
    disabled.store(value, Relaxed);
    if (was == 0) != (value == 0) {
        if value != 0 {
            leaving(idev.device(), rtnl);
        }
        tell_addrconf(idev.device(), value == 0, rtnl);
        changed(idev.device(), rtnl);
    }
}

/// For addrconf, a device that gets IPv6 comes up, and one that loses it goes down.
fn tell_addrconf(device: &NetDevice, enabled: bool, _rtnl: &Rtnl) {
    let event = match enabled {
        true => bindings::netdev_cmd_NETDEV_UP,
        false => bindings::netdev_cmd_NETDEV_DOWN,
    };
    let mut info = bindings::netdev_notifier_info {
        dev: device.as_ptr(),
        ..pin_init::zeroed()
    };
    let notify = symbols::addrconf_notify();
    // SAFETY: The device is alive, and `_rtnl` shows that RTNL is held. The function has no use for its notifier.
    unsafe { notify(ptr::null_mut(), event as c_ulong, (&raw mut info).cast()) };
}
