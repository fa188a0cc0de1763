// SPDX-License-Identifier: GPL-2.0

//! Sockets.
//!
//! C header: `include/net/sock.h`

use super::{
    addr::{
        from_kernel,
        to_kernel, //
    },
    face::Face,
    net::Net, //
};
use crate::bindings::{
    self,
    symbols, //
};
use core::net::Ipv6Addr;
use kernel::{
    error::to_result,
    prelude::*,
    types::NotThreadSafe, //
};

face! {
    /// `struct sock`, a full socket of family `AF_INET6`.
    Sock(bindings::sock)
}

impl Sock {
    /// The ifindex of the device that the socket is bound to (`SO_BINDTODEVICE`), zero for none.
    pub(crate) fn bound_device(&self) -> i32 {
        // SAFETY: The socket is alive.
        unsafe { bindings::anycast6_helper_sock_bound_dev(self.as_ptr()) }
    }

    /// The socket's cookie (`SO_COOKIE`), as shown by tools like `ss`.
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

    /// Whether it is a TCP socket.
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

    /// Takes the socket lock. Process context; the caller must not hold it.
    pub(crate) fn lock(&self) -> LockedSock<'_> {
        // SAFETY: The socket is alive; the lock is given back by `drop()`.
        unsafe { bindings::anycast6_helper_lock_sock(self.as_ptr()) };
        // INVARIANT: It has just been taken.
        LockedSock {
            sock: self,
            _not_send: NotThreadSafe,
        }
    }

    /// The network namespace of the socket, which holds a reference to it.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The socket is alive, and holds its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_sock_net(self.as_ptr())) }
    }
}

/// A socket under its lock.
///
/// # Invariants
///
/// This task holds the lock.
pub(crate) struct LockedSock<'s> {
    sock: &'s Sock,
    _not_send: NotThreadSafe,
}

impl LockedSock<'_> {
    /// Whether it is neither bound nor connected.
    pub(crate) fn is_fresh(&self) -> bool {
        // SAFETY: The socket is alive.
        unsafe { bindings::anycast6_helper_sock_is_fresh(self.sock.as_ptr()) }
    }

    /// Binds the socket to the device `ifindex`.
    pub(crate) fn set_bound_device(&self, ifindex: i32) {
        // SAFETY: The socket is alive and locked.
        unsafe { bindings::anycast6_helper_sock_set_bound_dev(self.sock.as_ptr(), ifindex) }
    }

    /// Binds the socket, which is fresh, to `addr` and, unless [`None`], to a port: zero for any.
    /// Sleeps.
    ///
    /// Fails as the protocol and the BPF programs of the control group do; nothing has changed
    /// then.
    pub(crate) fn bind(&self, addr: &Ipv6Addr, port: Option<u16>) -> Result {
        let sk = self.sock.as_ptr();
        // SAFETY: The socket is alive and locked. The address is read during the call only.
        let v6only = unsafe {
            bindings::anycast6_helper_sock_set_address(sk, &to_kernel(addr));
            let v6only = bindings::anycast6_helper_sock_v6only(sk);
            bindings::anycast6_helper_sock_set_v6only(sk, true);
            v6only
        };
        let bound = port.map_or(Ok(()), |port| self.take_port(port));
        // SAFETY: The socket is alive and locked.
        bound.inspect_err(|_| unsafe {
            bindings::anycast6_helper_sock_set_v6only(sk, v6only);
            bindings::anycast6_helper_sock_reset_address(sk);
        })?;
        let with_port = port.is_some_and(|port| port != 0);
        // SAFETY: The socket is alive and locked.
        unsafe { bindings::anycast6_helper_sock_set_bound(sk, with_port) };
        Ok(())
    }

    fn take_port(&self, port: u16) -> Result {
        let sk = self.sock.as_ptr();
        // SAFETY: The socket is alive and locked.
        match unsafe { bindings::anycast6_helper_sock_get_port(sk, port) } {
            0 => (),
            err @ ..=-1 => return to_result(err),
            // Some protocols return 1 instead.
            1.. => return Err(EADDRINUSE),
        }
        // SAFETY: The socket is alive and locked.
        to_result(unsafe { bindings::anycast6_helper_bpf_post_bind(sk) }).inspect_err(|_| {
            // SAFETY: The socket is alive and locked, and has just got the port.
            unsafe { bindings::anycast6_helper_sock_put_port(sk) }
        })
    }
}

impl Drop for LockedSock<'_> {
    fn drop(&mut self) {
        // SAFETY: This task holds the lock: `self` is the proof.
        unsafe { bindings::release_sock(self.sock.as_ptr()) }
    }
}
