// SPDX-License-Identifier: GPL-2.0

//! The table of replaced functions.
//!
//! A changed prototype fails the build, not the machine: a replacement must have the type that
//! bindgen read in the kernel's headers.

use super::entries;
use crate::bindings;
use kernel::{
    ffi::c_void,
    str::BStr, //
};

/// The replaced functions, and the empty row that ends the table.
pub(crate) const LEN: usize = 17 + 1;

/// The functions that add, remove or drop groups, or change their holders.
const CHANGE_GROUPS: [&[u8]; 7] = [
    b"ipv6_sock_ac_join",
    b"ipv6_sock_ac_drop",
    b"__ipv6_sock_ac_close",
    b"ipv6_sock_ac_close",
    b"__ipv6_dev_ac_inc",
    b"__ipv6_dev_ac_dec",
    b"ipv6_ac_destroy_dev",
];

/// Whether the function of that name changes groups.
pub(super) fn changes_groups(name: &BStr) -> bool {
    CHANGE_GROUPS.iter().any(|&changing| **name == *changing)
}

/// A row for a function that the kernel's headers declare.
macro_rules! declared {
    ($old:ident, $new:path) => {
        row(
            concat!(stringify!($old), "\0"),
            // Both branches have one type, or this does not compile.
            (if true { $new } else { bindings::$old }) as *mut c_void,
        )
    };
}

/// A row for a function without a declaration, which is an operation of this type.
macro_rules! operation {
    ($old:ident, $type:ident, $field:ident, $new:path) => {{
        const _: bindings::$type = bindings::$type {
            $field: Some($new),
            ..pin_init::zeroed()
        };
        row(concat!(stringify!($old), "\0"), $new as *mut c_void)
    }};
}

/// The rows: those of net/ipv6/anycast.c in its order, then those of other files.
pub(crate) const TABLE: [bindings::klp_func; LEN] = [
    declared!(ipv6_sock_ac_join, entries::sock_ac_join),
    declared!(ipv6_sock_ac_drop, entries::sock_ac_drop),
    declared!(__ipv6_sock_ac_close, entries::sock_ac_close_locked),
    declared!(ipv6_sock_ac_close, entries::sock_ac_close),
    declared!(__ipv6_dev_ac_inc, entries::dev_ac_inc),
    declared!(__ipv6_dev_ac_dec, entries::dev_ac_dec),
    declared!(ipv6_ac_destroy_dev, entries::ac_destroy_dev),
    declared!(ipv6_chk_acast_addr, entries::chk_acast_addr),
    declared!(ipv6_chk_acast_addr_src, entries::chk_acast_addr_src),
    operation!(ac6_seq_start, seq_operations, start, entries::seq_start),
    operation!(ac6_seq_next, seq_operations, next, entries::seq_next),
    operation!(ac6_seq_stop, seq_operations, stop, entries::seq_stop),
    operation!(ac6_seq_show, seq_operations, show, entries::seq_show),
    declared!(inet6_bind, entries::bind),
    declared!(rt6_flush_exceptions, entries::flush_exceptions),
    operation!(
        tcp_v6_conn_request,
        inet_connection_sock_af_ops,
        conn_request,
        entries::conn_request
    ),
    operation!(
        addrconf_sysctl_disable,
        ctl_table,
        proc_handler,
        entries::sysctl_disable
    ),
    END,
];

/// The end of the table.
const END: bindings::klp_func = pin_init::zeroed();

/// `name` ends in a zero byte.
const fn row(name: &'static str, code: *mut c_void) -> bindings::klp_func {
    bindings::klp_func {
        old_name: name.as_ptr(),
        new_func: code,
        ..END
    }
}
