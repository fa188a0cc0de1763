// SPDX-License-Identifier: GPL-2.0

//! Dumps of the family: a cursor moves on as the program reads.

use super::message::{
    write,
    Addressee,
    Put, //
};
use crate::{
    bindings,
    sys::{
        face::Face,
        net::Net,
        seq_lines::Lines, //
    },
};
use core::{
    ffi::c_int,
    ptr::NonNull, //
};
use kernel::prelude::*;

/// The index of the device to which a dump is limited.
///
/// # Safety
///
/// The kernel begins a dump of groups with `cb`.
pub(crate) unsafe fn only_device(cb: *mut bindings::netlink_callback) -> Option<i32> {
    // SAFETY: A dump has been parsed, with one place for each attribute that the policy knows, which allows only
    // numbers of 32 bits here.
    unsafe {
        let info = &*bindings::anycast6_helper_genl_dump_info(cb);
        let attr = *info.attrs.add(bindings::ANYCAST6_A_GROUP_IFINDEX as usize);
        let number = (!attr.is_null()).then(|| bindings::anycast6_helper_nla_get_u32(attr));
        number.and_then(|number| i32::try_from(number).ok())
    }
}

/// Begins a dump at `cursor`. Fails with `ENOMEM`.
///
/// # Safety
///
/// The kernel begins a dump with `cb`. It goes on with [`go_on()`] and ends with [`end()`] of the same `C`.
pub(crate) unsafe fn begin<C: Lines>(cb: *mut bindings::netlink_callback, cursor: C) -> Result {
    let cursor = KBox::new(cursor, GFP_KERNEL)?;
    // SAFETY: What is in there is the family's.
    unsafe { *place(cb) = KBox::into_raw(cursor).cast() };
    Ok(())
}

/// Writes as many lines as there is room for. Returns what the kernel expects: zero at the end of the dump.
///
/// # Safety
///
/// The kernel goes on with a dump that has begun with [`begin()`] of the same `C`, at the end of `skb`.
pub(crate) unsafe fn go_on<C: Lines>(
    skb: *mut bindings::sk_buff,
    cb: *mut bindings::netlink_callback,
) -> c_int
where
    C::Line: Put,
{
    // SAFETY: The cursor was put there when the dump began, and only one task at a time goes on with it. The
    // socket keeps its namespace, and the buffer is ours to write to.
    unsafe {
        let cursor = &mut *(*place(cb)).cast::<C>();
        let info = bindings::anycast6_helper_genl_dump_info(cb);
        let net = Net::from_raw(bindings::anycast6_helper_genl_net(info));
        let to = Addressee {
            port: bindings::anycast6_helper_netlink_portid((*cb).skb),
            sequence: (*(*cb).nlh).nlmsg_seq,
            flags: bindings::NLM_F_MULTI as c_int,
        };
        let skb = NonNull::new_unchecked(skb);
        while let Some(line) = cursor.line(net) {
            if write(skb, &to, C::Line::COMMAND, |message| line.put(message)).is_err() {
                break;
            }
            cursor.advance();
        }
        bindings::anycast6_helper_skb_len(skb.as_ptr()) as c_int
    }
}

/// Ends a dump.
///
/// # Safety
///
/// The kernel ends a dump that has begun with [`begin()`] of the same `C`.
pub(crate) unsafe fn end<C: Lines>(cb: *mut bindings::netlink_callback) {
    // SAFETY: The cursor was put there when the dump began, and the dump ends but once.
    drop(unsafe { KBox::from_raw((*place(cb)).cast::<C>()) });
}

/// Where the cursor of a dump is.
///
/// # Safety
///
/// `cb` is a dump of the family.
unsafe fn place(cb: *mut bindings::netlink_callback) -> *mut *mut kernel::ffi::c_void {
    // SAFETY: It is aligned for numbers as large as a pointer.
    unsafe { (&raw mut (*cb).__bindgen_anon_1).cast() }
}
