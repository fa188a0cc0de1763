// SPDX-License-Identifier: GPL-2.0

//! The sysctls `net.ipv6.anycast6.*` of each network namespace.
//!
//! C header: `include/linux/sysctl.h`

use super::{
    face::Face,
    net::Net,
    pernet::PerNet, //
};
use crate::{
    bindings,
    decide::{
        admission::Policy,
        decimal::is_decimal,
        export,
        heartbeat, //
    },
};
use core::{
    cell::UnsafeCell,
    ffi::{
        c_int,
        c_uint, //
    },
    ptr,
    slice, //
};
use kernel::{
    container_of,
    ffi::c_void,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// The settings of a namespace.
///
/// # Invariants
///
/// From [`Settings::begin()`] to [`Settings::end()`] `header` is the registration of `table`, whose
/// entries point to the fields before it.
#[repr(C)]
pub(crate) struct Settings {
    admission: Atomic<c_uint>,
    max_groups: Atomic<c_uint>,
    subnet_router: Atomic<c_uint>,
    export_table: Atomic<c_uint>,
    handover: Atomic<c_uint>,
    heartbeat: Atomic<c_uint>,
    tcp_reset: Atomic<c_uint>,
    table: UnsafeCell<[bindings::ctl_table; ROWS]>,
    header: UnsafeCell<*mut bindings::ctl_table_header>,
}

/// The settings of the initial namespace. Others do without the last one, which is the whole
/// system's.
const ROWS: usize = 8;

/// The initial limit of groups in a namespace.
const MAX_GROUPS: c_uint = 65536;

/// The initial limit of a user's memberships: about as many as one socket may have. One limit for
/// all namespaces, shown in the initial one only, as another may be the user's own.
static MAX_USER_MEMBERSHIPS: Atomic<c_uint> = Atomic::new(4096);

/// The bounds of the settings.
static NONE: c_uint = 0;
static LAST_POLICY: c_uint = 2;
static YES: c_uint = 1;
static ANY: c_uint = c_uint::MAX;

/// The limit of a user's memberships.
pub(crate) fn max_user_memberships() -> u32 {
    MAX_USER_MEMBERSHIPS.load(Relaxed)
}

impl Settings {
    /// Registers the settings in `net`. Fails with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// `this` is in zeroed memory that nobody else knows, and that stays until [`Settings::end()`]. It is part of
    /// a [`PerNet`] for which [`PerNet::with()`] may be called.
    pub(super) unsafe fn begin(this: *mut Self, net: &Net, policy: Policy) -> Result {
        // SAFETY: Zeroed memory is valid for all fields, and the caller's own.
        let settings = unsafe { &*this };
        settings.admission.store(policy.number().into(), Relaxed);
        settings.max_groups.store(MAX_GROUPS, Relaxed);
        settings.subnet_router.store(YES, Relaxed);
        settings.handover.store(YES, Relaxed);
        // SAFETY: Nobody else knows the table yet, which stays until `end()`. The namespace is alive.
        let header = unsafe {
            *settings.table.get() = [
                number(c"admission", settings.admission.as_ptr(), &LAST_POLICY),
                number(c"max_groups", settings.max_groups.as_ptr(), &ANY),
                bindings::ctl_table {
                    proc_handler: Some(subnet_router),
                    ..number(c"subnet_router", settings.subnet_router.as_ptr(), &YES)
                },
                bindings::ctl_table {
                    proc_handler: Some(export_table),
                    ..number(c"export_table", settings.export_table.as_ptr(), &ANY)
                },
                bindings::ctl_table {
                    proc_handler: Some(handover),
                    ..number(c"handover", settings.handover.as_ptr(), &YES)
                },
                bindings::ctl_table {
                    proc_handler: Some(heartbeat),
                    ..number(c"heartbeat", settings.heartbeat.as_ptr(), &ANY)
                },
                bindings::ctl_table {
                    proc_handler: Some(tcp_reset),
                    ..number(c"tcp_reset", settings.tcp_reset.as_ptr(), &YES)
                },
                number(c"max_user_memberships", MAX_USER_MEMBERSHIPS.as_ptr(), &ANY),
            ];
            bindings::register_net_sysctl_sz(
                net.as_ptr(),
                c"net/ipv6/anycast6".as_char_ptr(),
                settings.table.get().cast(),
                if net.is_first() { ROWS } else { ROWS - 1 },
            )
        };
        if header.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The sysctl does not look at it, and nobody else knows it.
        unsafe { settings.header.get().write(header) };
        Ok(())
    }

    /// Unregisters the settings.
    ///
    /// # Safety
    ///
    /// After a [`Settings::begin()`] that succeeded, once.
    pub(super) unsafe fn end(this: *mut Self) {
        // SAFETY: `begin()` has succeeded, so `header` is the registration, which ends but once.
        unsafe { bindings::unregister_net_sysctl_table(*(*this).header.get()) }
    }

    /// The limit of groups in the namespace.
    pub(crate) fn max_groups(&self) -> u32 {
        self.max_groups.load(Relaxed)
    }

    /// Whether routers answer for the subnet-router anycasts of their prefixes (RFC 4291, section
    /// 2.6.1).
    pub(crate) fn subnet_router(&self) -> bool {
        self.subnet_router.load(Relaxed) != 0
    }

    /// The table that published groups are exported to; 0 for none.
    pub(crate) fn export_table(&self) -> u32 {
        self.export_table.load(Relaxed)
    }

    /// Whether groups are handed over to other members.
    pub(crate) fn handover(&self) -> bool {
        self.handover.load(Relaxed) != 0
    }

    /// Milliseconds between two beats of a group; 0 for none.
    pub(crate) fn heartbeat(&self) -> u32 {
        self.heartbeat.load(Relaxed)
    }

    /// The admission policy.
    pub(crate) fn policy(&self) -> Policy {
        // The sysctl accepts the numbers of policies only.
        u8::try_from(self.admission.load(Relaxed))
            .ok()
            .and_then(Policy::new)
            .unwrap_or(Policy::Nothing)
    }
}

/// A row for a number from 0 to `most`, stored at `data`.
fn number(name: &'static CStr, data: *mut c_uint, most: &'static c_uint) -> bindings::ctl_table {
    bindings::ctl_table {
        procname: name.as_char_ptr(),
        data: data.cast(),
        maxlen: size_of::<c_uint>() as i32,
        mode: 0o644,
        proc_handler: Some(decimal),
        extra1: (&raw const NONE).cast_mut().cast(),
        extra2: ptr::from_ref(most).cast_mut().cast(),
        ..pin_init::zeroed()
    }
}

/// A program reads or writes a [`number()`]: as `proc_douintvec_minmax()` does, but a write must be
/// one decimal number.
///
/// A write that does not begin at the start of the file has no effect, as usual, and may be
/// anything.
///
/// # Safety
///
/// From the sysctl, with a row of a namespace's table. Process context.
unsafe extern "C" fn decimal(
    table: *const bindings::ctl_table,
    write: c_int,
    buffer: *mut c_void,
    len: *mut usize,
    pos: *mut bindings::loff_t,
) -> c_int {
    // SAFETY: What is written is in the buffer, of this length.
    let refused = unsafe {
        write != 0
            && *len != 0
            && *pos == 0
            && !is_decimal(slice::from_raw_parts(buffer.cast::<u8>(), *len))
    };
    if refused {
        return EINVAL.to_errno();
    }
    // SAFETY: The sysctl called us like this, with a row of this kind.
    unsafe { bindings::proc_douintvec_minmax(table, write, buffer, len, pos) }
}

/// Defines how a program reads or writes the setting of this name. `accept` decides about a number that is
/// written, stores it, and sees to what follows; it is called with what is ours in the namespace and with
/// the setting. In short: a number that `allowed` takes is stored, and work of the namespace follows.
macro_rules! handler {
    ($(#[$attribute:meta])* $name:ident, if $allowed:path, then $work:ident) => {
        handler! {
            $(#[$attribute])*
            $name, |ours, number, value| {
                if !$allowed(value) {
                    return Err(EINVAL);
                }
                number.store(value, Relaxed);
                ours.$work().soon();
                Ok(())
            }
        }
    };
    ($(#[$attribute:meta])* $name:ident, $accept:expr) => {
        $(#[$attribute])*
        ///
        /// # Safety
        ///
        /// From the sysctl, with the row of this setting of a namespace's table. Process context.
        unsafe extern "C" fn $name(
            table: *const bindings::ctl_table,
            write: c_int,
            buffer: *mut c_void,
            len: *mut usize,
            pos: *mut bindings::loff_t,
        ) -> c_int {
            // SAFETY: The row's `data` is this field of the settings of a namespace, which the contract of
            // `Settings::begin()` says they are part of. `Settings::end()` waits for us, and all else is there
            // until after it.
            let (row, number, ours) = unsafe {
                let number = (*table).data.cast::<Atomic<c_uint>>();
                let settings = container_of!(number, Settings, $name);
                (&*table, &*number, PerNet::with(settings))
            };
            let accept: fn(&PerNet, &Atomic<c_uint>, c_uint) -> Result = $accept;
            // SAFETY: The sysctl called us like this, with a row that is made by `number()` for that number.
            unsafe {
                exchange((row, write, buffer, len, pos), number, |value| {
                    accept(ours, number, value)
                })
            }
        }
    };
}

handler! {
    /// After a write the groups of the namespace are brought into line.
    subnet_router, if any_in_range, then reconciler
}

handler! {
    /// After a write the groups of the namespace are brought into line.
    export_table, if export::is_allowed, then reconciler
}

handler! {
    /// After a write the handovers of the namespace begin, or end.
    handover, if any_in_range, then handovers
}

handler! {
    /// After a write the groups of the namespace begin to beat, or end.
    heartbeat, if heartbeat::is_allowed, then handovers
}

handler! {
    /// A write waits until the last packet that was seen has passed.
    tcp_reset, |ours, number, value| {
        // SAFETY: The namespace is there while its files are, and `close()` comes after `Settings::end()`.
        unsafe { ours.resets().set(number, value) }
    }
}

/// The bounds of the row say enough.
fn any_in_range(_: u32) -> bool {
    true
}

/// As [`decimal()`] does, but `accept` gets the number that is written.
///
/// # Safety
///
/// As [`decimal()`], with the arguments of the sysctl, and the number to which the row's `data` points.
unsafe fn exchange(
    (row, write, buffer, len, pos): (
        &bindings::ctl_table,
        c_int,
        *mut c_void,
        *mut usize,
        *mut bindings::loff_t,
    ),
    number: &Atomic<c_uint>,
    accept: impl FnOnce(c_uint) -> Result,
) -> c_int {
    let mut value = number.load(Relaxed);
    let row = bindings::ctl_table {
        data: (&raw mut value).cast(),
        ..*row
    };
    // SAFETY: The sysctl called us like this, and the number goes from and to a variable of ours.
    let result = unsafe { decimal(&row, write, buffer, len, pos) };
    if write == 0 || result != 0 {
        return result;
    }
    accept(value).map_or_else(Error::to_errno, |()| 0)
}
