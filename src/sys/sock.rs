// SPDX-License-Identifier: GPL-2.0

//! Sockets.
//!
//! C header: `include/net/sock.h`

use super::net::Net;
use crate::bindings;
use kernel::types::Opaque;

/// `struct sock`, of an IPv6 socket.
#[repr(transparent)]
pub(crate) struct Sock(Opaque<bindings::sock>);

impl Sock {
    /// The face of `ptr`.
    ///
    /// # Safety
    ///
    /// `ptr` is a full socket of family `AF_INET6` that stays alive for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::sock) -> &'a Self {
        // SAFETY: As above; `Self` is a transparent `Opaque`.
        unsafe { &*ptr.cast() }
    }

    /// The kernel's pointer.
    pub(crate) fn as_ptr(&self) -> *mut bindings::sock {
        self.0.get()
    }

    /// The network namespace of the socket, which holds it.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The socket is alive, and holds its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_sock_net(self.as_ptr())) }
    }
}
