// SPDX-License-Identifier: GPL-2.0

//! The TCP sockets that have joined groups, for look-ups by SYNs in softirq.
//!
//! One of the kernel's hash tables (`rhltable`, as a socket may join a group several times), keyed
//! by socket, address and device. Look-ups take the RCU read lock only; entries are freed a grace
//! period after their removal.
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

/// The hash table.
///
/// # Invariants
///
/// It is initialised while [`JoinedSockets`] lives, and so, by the invariant of [`Once`], while anybody can
/// enter or look for a socket.
struct Hash(Opaque<bindings::rhltable>);

// SAFETY: The hash synchronises its users.
unsafe impl Sync for Hash {}

static HASH: Hash = Hash(Opaque::uninit());

/// While it exists, sockets may be added.
///
/// # Invariants
///
/// [`HASH`] is initialised.
pub(crate) struct JoinedSockets;

impl JoinedSockets {
    /// Makes the hash table. Fails with `ENOMEM`.
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

/// A socket's membership of a group in the hash table, until dropped.
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
    /// Records that `sock` has joined `addr` on the device `ifindex`, possibly not for the first
    /// time. Sleeps. Fails with `ENOMEM`.
    ///
    /// The socket outlives the entry: its memberships go before it does.
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

/// Whether `sock` has joined `addr` on the device `ifindex`. Any context.
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
