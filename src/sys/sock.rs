// SPDX-License-Identifier: GPL-2.0

//! Sockets.
//!
//! C header: `include/net/sock.h`

use super::{
    addr::from_kernel,
    face::Face,
    index::Complete,
    membership::Memberships,
    net::Net, //
};
use crate::{
    bindings,
    logic::membership::Membership,
    takeover::symbols, //
};
use core::net::Ipv6Addr;

face! {
    /// `struct sock`, a full socket of family `AF_INET6`.
    Sock(bindings::sock)
}

impl Sock {
    /// The index of the device that the socket is bound to (`SO_BINDTODEVICE`), zero for none.
    pub(crate) fn bound_device(&self) -> i32 {
        // SAFETY: The socket is alive.
        unsafe { bindings::anycast6_helper_sock_bound_dev(self.as_ptr()) }
    }

    /// The number by which tools like `ss` know the socket (`SO_COOKIE`).
    pub(crate) fn cookie(&self) -> u64 {
        let cookie = symbols::__sock_gen_cookie();
        // SAFETY: The socket is alive, and preemption disabled meanwhile.
        unsafe {
            bindings::anycast6_helper_preempt_disable();
            let cookie = cookie(self.as_ptr());
            bindings::anycast6_helper_preempt_enable();
            cookie
        }
    }

    /// Is it a TCP socket?
    pub(crate) fn is_tcp(&self) -> bool {
        // SAFETY: The socket is alive.
        unsafe { bindings::anycast6_helper_sock_is_tcp(self.as_ptr()) }
    }

    /// The address that the socket is bound to.
    pub(crate) fn bound_address(&self) -> Ipv6Addr {
        // SAFETY: The socket is alive. To a listener, a change at this moment is none: it would have
        // to be closed first.
        from_kernel(unsafe { &*bindings::anycast6_helper_sock_bound_address(self.as_ptr()) })
    }

    /// Is there one among the memberships on the socket's own list of which `test` holds? For those that
    /// were made before the takeover, which no table of ours has.
    ///
    /// Any context but hardirq. No, when somebody is at work on the socket.
    pub(crate) fn has_membership(
        &self,
        _complete: &Complete<'_>,
        test: impl Fn(&Membership) -> bool,
    ) -> bool {
        let sk = self.as_ptr();
        // SAFETY: The socket is alive. C changes its list without a lock, but is not at work, by the
        // invariant of `Complete`; all others do so only while a task owns the socket. So the list is
        // ours to look at under the spinlock, where none does.
        unsafe {
            if !bindings::anycast6_helper_sock_try_lock(sk) {
                return false;
            }
            let found = !bindings::anycast6_helper_sock_owned(sk) && Memberships::of(sk).any(test);
            bindings::anycast6_helper_sock_unlock(sk);
            found
        }
    }

    /// The network namespace of the socket, which holds it.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The socket is alive, and holds its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_sock_net(self.as_ptr())) }
    }
}
