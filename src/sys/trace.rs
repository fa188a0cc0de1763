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
// The type that the kernel's own macro expects.
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

/// Calls the C side of a tracepoint if it is enabled, as
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

/// An event of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GroupEvent {
    /// A holder joined.
    Join,
    /// A holder left.
    Leave,
    /// The host begins to answer.
    Publish,
    /// The host stops answering: the last holder has left.
    Withdraw,
    /// The host stops answering, but the group has holders.
    Dormant,
}

/// Traces an event of the group `addr` of `device`; `users` is its number of holders now.
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

/// Traces a refused join of a socket; `err` is the errno, positive.
pub(crate) fn refuse(ifindex: i32, addr: &Ipv6Addr, err: i32) {
    fire!(
        __tracepoint_refuse,
        rust_do_trace_refuse,
        ifindex,
        &to_kernel(addr),
        err
    );
}

/// Traces that all tasks run Rust.
pub(crate) fn takeover(groups: usize, holders: i64) {
    fire!(
        __tracepoint_takeover,
        rust_do_trace_takeover,
        groups,
        holders
    );
}

/// Traces that all tasks run C again.
pub(crate) fn handback(groups: usize, holders: i64) {
    fire!(
        __tracepoint_handback,
        rust_do_trace_handback,
        groups,
        holders
    );
}
