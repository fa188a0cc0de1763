// SPDX-License-Identifier: GPL-2.0

//! A `bind()` of an IPv6 socket, in the steps of `inet6_bind_sk()` and, for groups,
//! `__inet6_bind()` (net/ipv6/af_inet6.c).
//!
//! C headers: `include/net/ipv6.h`, `include/net/inet_common.h`, `include/linux/bpf-cgroup.h`

use super::{
    addr::from_kernel,
    face::Face,
    sock::Sock, //
};
use crate::{
    bindings::{
        self,
        symbols, //
    },
    decide::addr::is_link_local, //
};
use core::{
    ffi::c_int,
    mem::size_of,
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// A program's request.
///
/// # Invariants
///
/// `uaddr` is an address buffer of the kernel's own, of `len` bytes, that nobody else uses; the socket
/// is not locked by this task.
pub(crate) struct BindRequest<'s> {
    sock: &'s Sock,
    uaddr: NonNull<bindings::sockaddr_unsized>,
    len: c_int,
    flags: u32,
}

impl<'s> BindRequest<'s> {
    /// The request of `bind(sock, uaddr, len)`.
    ///
    /// # Safety
    ///
    /// `uaddr` is the kernel's copy of the program's address, of `len` bytes, and the caller's own;
    /// process context, the socket lock not held.
    pub(crate) unsafe fn new(
        sock: &'s Sock,
        uaddr: *mut bindings::sockaddr_unsized,
        len: c_int,
    ) -> Self {
        // INVARIANT: The caller has the buffer for itself, and the socket unlocked.
        Self {
            sock,
            // SAFETY: A buffer is not at null.
            uaddr: unsafe { NonNull::new_unchecked(uaddr) },
            len,
            flags: bindings::BIND_WITH_LOCK,
        }
    }

    /// The socket.
    pub(crate) fn sock(&self) -> &'s Sock {
        self.sock
    }

    /// The result of the protocol's own bind function, for protocols that have one, like raw
    /// sockets.
    pub(crate) fn protocols_own(&self) -> Option<Result> {
        // SAFETY: The socket is alive.
        let own = unsafe { bindings::anycast6_helper_sock_own_bind(self.sock.as_ptr()) }?;
        // SAFETY: Socket and buffer are alive, and the buffer is ours and as long as it says.
        Some(to_result(unsafe {
            own(self.sock.as_ptr(), self.uaddr.as_ptr(), self.len)
        }))
    }

    /// Whether the address is too short.
    pub(crate) fn is_short(&self) -> bool {
        self.len < bindings::SIN6_LEN_RFC2133 as c_int
    }

    /// Runs the BPF programs of the control group, which may change the address.
    pub(crate) fn ask_control_group(&mut self) -> Result {
        // SAFETY: Socket and buffer are alive, and the buffer is ours and as long as it says.
        to_result(unsafe {
            bindings::anycast6_helper_bpf_bind(
                self.sock.as_ptr(),
                self.uaddr.as_ptr(),
                &mut self.len,
                &mut self.flags,
            )
        })
    }

    /// The IPv6 address, and the ifindex that comes with it, zero for none.
    pub(crate) fn address(&self) -> Option<(Ipv6Addr, i32)> {
        if self.is_short() {
            return None;
        }
        let sin6 = self.uaddr.cast::<bindings::sockaddr_in6>().as_ptr();
        // SAFETY: The buffer is ours, and at least as long as the fields before the scope; that is read only if
        // it is there.
        let (family, addr, scope) = unsafe {
            let scope = match self.len as usize >= size_of::<bindings::sockaddr_in6>() {
                true => (*sin6).sin6_scope_id as i32,
                false => 0,
            };
            ((*sin6).sin6_family, from_kernel(&(*sin6).sin6_addr), scope)
        };
        (u32::from(family) == bindings::AF_INET6).then_some((addr, scope))
    }

    /// Binds as C does: fails unless the address is one of the host's own.
    pub(crate) fn bind(&self) -> Result {
        let bind = symbols::__inet6_bind();
        // SAFETY: Socket and buffer are alive, and the buffer is as long as it says; the call takes the socket lock,
        // which this task has not got.
        to_result(unsafe {
            bind(
                self.sock.as_ptr(),
                self.uaddr.as_ptr(),
                self.len,
                self.flags,
            )
        })
    }

    /// Binds to an address that need not be the host's own, like a socket with `IPV6_FREEBIND`: the
    /// steps of `__inet6_bind()` for an address that is neither multicast, unspecified nor
    /// IPv4-mapped. Setting the option itself would race with the program, which may change it at
    /// any time.
    pub(crate) fn bind_free(&self) -> Result {
        let (addr, scope) = self.address().ok_or(EINVAL)?;
        let port = self.port();
        if !self.may_have_port(port) {
            return Err(EACCES);
        }
        let locked = self.sock.lock();
        if !locked.is_fresh() {
            return Err(EINVAL);
        }
        if is_link_local(&addr) && scope != 0 {
            locked.set_bound_device(scope);
        }
        match self.sock.bound_device() {
            0 if is_link_local(&addr) => return Err(EINVAL),
            0 => (),
            ifindex => drop(self.sock.net().device(ifindex).ok_or(ENODEV)?),
        }
        let later = port == 0 && self.may_defer_port();
        locked.bind(&addr, (!later).then_some(port))
    }

    /// The port that comes with the address, zero for any.
    fn port(&self) -> u16 {
        let sin6 = self.uaddr.cast::<bindings::sockaddr_in6>();
        // SAFETY: The buffer is ours, and where there is an address, there is a port before it.
        u16::from_be(unsafe { (*sin6.as_ptr()).sin6_port })
    }

    fn may_have_port(&self, port: u16) -> bool {
        port == 0
            || self.flags & bindings::BIND_NO_CAP_NET_BIND_SERVICE != 0
            // SAFETY: The socket is alive.
            || unsafe { bindings::anycast6_helper_sock_may_have_port(self.sock.as_ptr(), port) }
    }

    fn may_defer_port(&self) -> bool {
        self.flags & bindings::BIND_FORCE_ADDRESS_NO_PORT != 0
            // SAFETY: The socket is alive.
            || unsafe { bindings::anycast6_helper_sock_defers_port(self.sock.as_ptr()) }
    }
}
