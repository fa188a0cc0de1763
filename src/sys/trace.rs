// SPDX-License-Identifier: GPL-2.0

//! The tracepoints of group `anycast6`.
//!
//! C header: `src/bindings/trace.h`

use super::{
    addr::to_kernel,
    face::Face,
    net_device::NetDevice, //
};
use crate::{
    bindings,
    decide::users::Users, //
};
use core::net::Ipv6Addr;
// The type that the kernel's own macro asks for.
use kernel::bindings::tracepoint;

#[expect(improper_ctypes, reason = "the type comes from C")]
extern "C" {
    static __tracepoint_join: tracepoint;
    static __tracepoint_leave: tracepoint;
    static __tracepoint_refuse: tracepoint;
    static __tracepoint_publish: tracepoint;
    static __tracepoint_withdraw: tracepoint;
    static __tracepoint_dormant: tracepoint;
    static __tracepoint_takeover: tracepoint;
    static __tracepoint_handback: tracepoint;
}

/// Calls what C made of the tracepoint, if anybody listens: what
/// [`declare_trace!`](kernel::tracepoint::declare_trace) does for tracepoints of the kernel's own
/// bindings.
macro_rules! fire {
    ($tracepoint:ident, $do_trace:ident, $($argument:expr),*) => {{
        // SAFETY: It is always okay to ask the static key of a tracepoint.
        let enabled = unsafe {
            kernel::jump_label::static_branch_unlikely!($tracepoint, tracepoint, key)
        };
        if enabled {
            // SAFETY: The arguments are alive during the call.
            unsafe { bindings::$do_trace($($argument),*) };
        }
    }};
}

/// What happened to a group.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GroupEvent {
    /// Somebody took a hold.
    Join,
    /// Somebody gave a hold back.
    Leave,
    /// The host begins to answer.
    Publish,
    /// The host ceases to answer: nobody holds the group any more.
    Withdraw,
    /// The host ceases to answer while the group is held.
    Dormant,
}

/// Something happened to the group `addr` of `device`, which now has so many holders.
pub(crate) fn group(event: GroupEvent, device: &NetDevice, addr: &Ipv6Addr, users: Option<Users>) {
    let (dev, addr) = (device.as_ptr(), to_kernel(addr));
    let users = users.map_or(0, Users::as_raw);
    match event {
        GroupEvent::Join => fire!(__tracepoint_join, rust_do_trace_join, dev, &addr, users),
        GroupEvent::Leave => fire!(__tracepoint_leave, rust_do_trace_leave, dev, &addr, users),
        GroupEvent::Publish => {
            fire!(
                __tracepoint_publish,
                rust_do_trace_publish,
                dev,
                &addr,
                users
            )
        }
        GroupEvent::Withdraw => {
            fire!(
                __tracepoint_withdraw,
                rust_do_trace_withdraw,
                dev,
                &addr,
                users
            )
        }
        GroupEvent::Dormant => {
            fire!(
                __tracepoint_dormant,
                rust_do_trace_dormant,
                dev,
                &addr,
                users
            )
        }
    }
}

/// A socket's join was refused with the errno `err`.
pub(crate) fn refuse(ifindex: i32, addr: &Ipv6Addr, err: i32) {
    fire!(
        __tracepoint_refuse,
        rust_do_trace_refuse,
        ifindex,
        &to_kernel(addr),
        err
    );
}

/// All tasks run Rust.
pub(crate) fn takeover(groups: usize, holders: i64) {
    fire!(
        __tracepoint_takeover,
        rust_do_trace_takeover,
        groups,
        holders
    );
}

/// All tasks run C again.
pub(crate) fn handback(groups: usize, holders: i64) {
    fire!(
        __tracepoint_handback,
        rust_do_trace_handback,
        groups,
        holders
    );
}
