// SPDX-License-Identifier: GPL-2.0

//! Sockets.
//!
//! C header: `include/net/sock.h`

use super::{
    face::Face,
    net::Net, //
};
use crate::bindings;

face! {
    /// `struct sock`, a full socket of family `AF_INET6`.
    Sock(bindings::sock)
}

impl Sock {
    /// The network namespace of the socket, which holds it.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The socket is alive, and holds its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_sock_net(self.as_ptr())) }
    }
}
