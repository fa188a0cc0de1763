// SPDX-License-Identifier: GPL-2.0

//! A `bind()` of an IPv6 socket, step by step as `inet6_bind_sk()` (net/ipv6/af_inet6.c) does it.
//!
//! C headers: `include/net/ipv6.h`, `include/net/inet_common.h`, `include/linux/bpf-cgroup.h`

use super::{
    addr::from_kernel,
    face::Face,
    sock::Sock, //
};
use crate::{
    bindings,
    takeover::symbols, //
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

/// What a program asks for.
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
        // INVARIANT: As the caller promises.
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

    /// What the socket's protocol says, where it binds in a way of its own, like raw sockets.
    pub(crate) fn protocols_own(&self) -> Option<Result> {
        // SAFETY: The socket is alive.
        let own = unsafe { bindings::anycast6_helper_sock_own_bind(self.sock.as_ptr()) }?;
        // SAFETY: By the invariant.
        Some(to_result(unsafe {
            own(self.sock.as_ptr(), self.uaddr.as_ptr(), self.len)
        }))
    }

    /// Is the address too short to be one?
    pub(crate) fn is_short(&self) -> bool {
        self.len < bindings::SIN6_LEN_RFC2133 as c_int
    }

    /// Asks the BPF programs of the control group, which may change the address.
    pub(crate) fn ask_control_group(&mut self) -> Result {
        // SAFETY: By the invariant.
        to_result(unsafe {
            bindings::anycast6_helper_bpf_bind(
                self.sock.as_ptr(),
                self.uaddr.as_ptr(),
                &mut self.len,
                &mut self.flags,
            )
        })
    }

    /// The IPv6 address and the index of the device that it comes with, zero for none.
    pub(crate) fn address(&self) -> Option<(Ipv6Addr, i32)> {
        if self.is_short() {
            return None;
        }
        let sin6 = self.uaddr.cast::<bindings::sockaddr_in6>();
        // SAFETY: By the invariant, there are at least the fields before the scope.
        let (family, addr) = unsafe {
            (
                (*sin6.as_ptr()).sin6_family,
                from_kernel(&(*sin6.as_ptr()).sin6_addr),
            )
        };
        if u32::from(family) != bindings::AF_INET6 {
            return None;
        }
        let scope = if self.len as usize >= size_of::<bindings::sockaddr_in6>() {
            // SAFETY: There is a scope as well.
            unsafe { (*sin6.as_ptr()).sin6_scope_id as i32 }
        } else {
            0
        };
        Some((addr, scope))
    }

    /// Binds, as to one of the host's own addresses or not at all.
    pub(crate) fn bind(&self) -> Result {
        // SAFETY: By the invariant; the call takes the socket lock.
        unsafe { self.bind_with(self.flags) }
    }

    /// Binds, whether or not the address is one of the host's own, as `IPV6_FREEBIND` allows.
    pub(crate) fn bind_free(&self) -> Result {
        let sk = self.sock.as_ptr();
        // SAFETY: The socket is alive; the lock is given back below, and keeps the option to us.
        unsafe {
            bindings::anycast6_helper_lock_sock(sk);
            let free = bindings::anycast6_helper_freebind(sk);
            bindings::anycast6_helper_set_freebind(sk, true);
            let result = self.bind_with(self.flags & !bindings::BIND_WITH_LOCK);
            bindings::anycast6_helper_set_freebind(sk, free);
            bindings::release_sock(sk);
            result
        }
    }

    /// # Safety
    ///
    /// The socket lock is held if, and only if, `flags` lack `BIND_WITH_LOCK`.
    unsafe fn bind_with(&self, flags: u32) -> Result {
        let bind = symbols::__inet6_bind();
        // SAFETY: By the invariant, and as the caller promises.
        to_result(unsafe { bind(self.sock.as_ptr(), self.uaddr.as_ptr(), self.len, flags) })
    }
}
