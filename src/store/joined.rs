// SPDX-License-Identifier: GPL-2.0

//! Which TCP sockets have joined which groups, for the softirq that has a SYN in its hands.
//!
//! A hash of the kernel's own (`rhltable`, for a socket may join a group again and again), keyed by socket,
//! address and device. Look-ups take RCU only; what has left the hash is freed an RCU
//! grace period later.
//!
//! C header: `include/linux/rhashtable.h`

use crate::{
    bindings,
    sys::{
        addr::to_kernel,
        face::Face,
        memory::{
            zeroed, //
            CHARGED_OR_NONE,
        },
        objects::{
            self,
            Counted, //
        },
        once::Once,
        sock::Sock, //
    },
};
use core::{
    net::Ipv6Addr,
    ptr::NonNull, //
};
use kernel::{
    error::to_result,
    prelude::*,
    sync::rcu,
    types::Opaque, //
};

/// The hash.
///
/// # Invariants
///
/// It is initialised while [`JoinedSockets`] lives, and so, by the invariant of [`Once`], while anybody can
/// enter or look for a socket.
struct Hash(Opaque<bindings::rhltable>);

// SAFETY: The hash synchronises its users.
unsafe impl Sync for Hash {}

static HASH: Hash = Hash(Opaque::uninit());

/// While it lives, sockets may be entered.
///
/// # Invariants
///
/// [`HASH`] is initialised.
pub(crate) struct JoinedSockets;

impl JoinedSockets {
    /// Makes the hash.
    pub(crate) fn begin(_once: Once<Self>) -> Result<Self> {
        // SAFETY: `_once` shows that the hash is not in use yet.
        to_result(unsafe { bindings::anycast6_helper_joined_init(HASH.0.get()) })?;
        // INVARIANT: It has just been initialised.
        Ok(Self)
    }
}

impl Drop for JoinedSockets {
    fn drop(&mut self) {
        // SAFETY: The hash is initialised, and by the invariant of `Once` nobody enters or looks any more.
        unsafe { bindings::anycast6_helper_joined_destroy(HASH.0.get()) }
    }
}

/// That a socket has joined a group; in the hash for as long as it lives.
///
/// # Invariants
///
/// `ptr` is in [`HASH`].
pub(crate) struct Joined {
    ptr: NonNull<bindings::anycast6_joined>,
    _counted: Counted<{ objects::JOINED }>,
}

// SAFETY: It may be dropped by any task, and does nothing else.
unsafe impl Send for Joined {}

impl Joined {
    /// Enters that `sock` has joined `addr` on the device `ifindex`, which it may have done before.
    /// Sleeps. Fails with `ENOMEM`.
    ///
    /// The socket outlives what is returned: its memberships go before it does.
    pub(crate) fn new(sock: &Sock, ifindex: i32, addr: &Ipv6Addr) -> Result<Self> {
        let mut joined = zeroed::<bindings::anycast6_joined>(CHARGED_OR_NONE)?;
        joined.key = key(sock, ifindex, addr);
        // SAFETY: The hash is initialised, by the invariant of `Hash`.
        to_result(unsafe { bindings::anycast6_helper_joined_insert(HASH.0.get(), &mut *joined) })
            .map_err(|_| ENOMEM)?;
        // INVARIANT: It has just been entered.
        Ok(Self {
            ptr: NonNull::from(KBox::leak(joined)),
            _counted: Counted::new(),
        })
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // SAFETY: It is in the hash; look-ups that still see it are waited for.
        unsafe {
            bindings::anycast6_helper_joined_remove(HASH.0.get(), self.ptr.as_ptr());
        }
    }
}

/// Has `sock` joined `addr` on the device `ifindex`? Any context.
pub(crate) fn has_joined(sock: &Sock, ifindex: i32, addr: &Ipv6Addr) -> bool {
    let key = key(sock, ifindex, addr);
    let _rcu = rcu::read_lock();
    // SAFETY: The hash is initialised, by the invariant of `Hash`; the key is read during the call, and the RCU
    // read lock is held.
    unsafe { bindings::anycast6_helper_joined_find(HASH.0.get(), &key) }
}

fn key(sock: &Sock, ifindex: i32, addr: &Ipv6Addr) -> bindings::anycast6_joined_key {
    bindings::anycast6_joined_key {
        sk: sock.as_ptr(),
        addr: to_kernel(addr),
        ifindex: u64::from(ifindex.unsigned_abs()),
    }
}
