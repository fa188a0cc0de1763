// SPDX-License-Identifier: GPL-2.0

//! `net.ipv6.anycast6.*`, of each network namespace.
//!
//! C header: `include/linux/sysctl.h`

use super::{
    face::Face,
    net::Net, //
};
use crate::{
    bindings,
    logic::admission::Policy, //
};
use core::{
    cell::UnsafeCell,
    ffi::c_uint, //
};
use kernel::{
    ffi::c_void,
    prelude::*, //
};

/// The settings of a namespace.
///
/// # Invariants
///
/// From [`Settings::begin()`] to [`Settings::end()`] `header` is the registration of `table`, whose
/// entries point to the fields before it.
#[repr(C)]
pub(crate) struct Settings {
    admission: UnsafeCell<u8>,
    max_groups: UnsafeCell<c_uint>,
    table: UnsafeCell<[bindings::ctl_table; 2]>,
    header: UnsafeCell<*mut bindings::ctl_table_header>,
}

/// Groups that a namespace may have at first.
const MAX_GROUPS: c_uint = 65536;

/// The bounds of `admission`.
static FEWEST: c_uint = 0;
static MOST: c_uint = 2;

impl Settings {
    /// Shows the settings in `net`.
    ///
    /// # Safety
    ///
    /// `this` is zeroed memory that nobody else knows, and that stays until [`Settings::end()`].
    pub(super) unsafe fn begin(this: *mut Self, net: &Net, policy: Policy) -> Result {
        // SAFETY: As promised.
        let settings = unsafe { &*this };
        let table = settings.table.get();
        // SAFETY: Nobody else knows the memory yet. The namespace is alive.
        let header = unsafe {
            settings.admission.get().write(policy.number());
            (*table)[0] = bindings::ctl_table {
                procname: c"admission".as_char_ptr(),
                data: settings.admission.get().cast(),
                maxlen: size_of::<u8>() as i32,
                mode: 0o644,
                proc_handler: Some(bindings::proc_dou8vec_minmax),
                extra1: (&raw const FEWEST).cast_mut().cast::<c_void>(),
                extra2: (&raw const MOST).cast_mut().cast::<c_void>(),
                ..pin_init::zeroed()
            };
            settings.max_groups.get().write(MAX_GROUPS);
            (*table)[1] = bindings::ctl_table {
                procname: c"max_groups".as_char_ptr(),
                data: settings.max_groups.get().cast(),
                maxlen: size_of::<c_uint>() as i32,
                mode: 0o644,
                proc_handler: Some(bindings::proc_douintvec),
                ..pin_init::zeroed()
            };
            bindings::register_net_sysctl_sz(
                net.as_ptr(),
                c"net/ipv6/anycast6".as_char_ptr(),
                table.cast(),
                2,
            )
        };
        if header.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The sysctl does not look at it, and nobody else knows it.
        unsafe { settings.header.get().write(header) };
        Ok(())
    }

    /// Takes the settings away.
    ///
    /// # Safety
    ///
    /// After a [`Settings::begin()`] that succeeded, once.
    pub(super) unsafe fn end(this: *mut Self) {
        // SAFETY: As promised.
        unsafe { bindings::unregister_net_sysctl_table(*(*this).header.get()) }
    }

    /// How many groups the namespace may have.
    pub(crate) fn max_groups(&self) -> u32 {
        // SAFETY: As below.
        unsafe { self.max_groups.get().read_volatile() }
    }

    /// What programs may join without privilege.
    pub(crate) fn policy(&self) -> Policy {
        // SAFETY: By the invariant. A write at this moment does no harm to a volatile read.
        let number = unsafe { self.admission.get().read_volatile() };
        // The sysctl takes no other numbers than those of policies.
        Policy::new(number).unwrap_or(Policy::Nothing)
    }
}
