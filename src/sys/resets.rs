// SPDX-License-Identifier: GPL-2.0

//! The netfilter hook that sees the TCP segments for a network namespace, and how many resets have been
//! sent there.
//!
//! The hook is there while the namespace's setting `tcp_reset` is on, and no packet runs code of ours
//! without it. It lets all packets pass.
//!
//! C header: `include/linux/netfilter.h`

use super::{
    face::Face,
    net::Net,
    pernet::Namespace,
    segment::Segment, //
};
use crate::{
    bindings,
    decide::reset, //
};
use core::{
    cell::UnsafeCell,
    ffi::{
        c_uint,
        c_void, //
    },
    ptr::NonNull,
};
use kernel::{
    error::to_result,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
};

/// The hook of a namespace, and its resets.
///
/// # Invariants
///
/// `hook` is registered in `net` exactly while `registered` is set, and is not changed then.
#[pin_data]
pub(crate) struct Resets {
    net: NonNull<Net>,
    hook: UnsafeCell<bindings::nf_hook_ops>,
    #[pin]
    registered: Mutex<bool>,
    paid: Atomic<u64>,
}

// SAFETY: The namespace may be used by any task.
unsafe impl Send for Resets {}
// SAFETY: `hook` is used under the lock only, and the namespace may be used by any task.
unsafe impl Sync for Resets {}

impl Resets {
    /// No hook in `net`, whose segments will be `N`'s.
    pub(super) fn new<N: Namespace>(net: NonNull<Net>) -> impl PinInit<Self> {
        pin_init!(Self {
            net,
            hook: UnsafeCell::new(bindings::nf_hook_ops {
                hook: Some(arrived::<N>),
                pf: bindings::NFPROTO_IPV6 as u8,
                hooknum: bindings::nf_inet_hooks_NF_INET_LOCAL_IN,
                // After all that may drop or change the packet.
                priority: bindings::nf_ip6_hook_priorities_NF_IP6_PRI_LAST,
                ..pin_init::zeroed()
            }),
            registered <- new_mutex!(false, "anycast6 resets"),
            paid: Atomic::new(0),
        })
    }

    /// Stores `value` as the setting `number`, and registers or unregisters the hook. Sleeps. Fails with
    /// `ENOMEM`; then nothing has changed.
    ///
    /// # Safety
    ///
    /// The namespace is alive and has all of ours. [`Resets::close()`] comes later.
    pub(super) unsafe fn set(&self, number: &Atomic<c_uint>, value: c_uint) -> Result {
        let mut registered = self.registered.lock();
        match (*registered, value != 0) {
            // SAFETY: The namespace is alive. The hook is filled in, is not registered yet, and stays until
            // `close()`.
            (false, true) => to_result(unsafe {
                bindings::nf_register_net_hook(self.raw_net(), self.hook.get())
            })?,
            (true, false) => self.unregister(),
            _ => (),
        }
        // INVARIANT: As has just been done.
        *registered = value != 0;
        number.store(value, Relaxed);
        Ok(())
    }

    /// Unregisters the hook. Sleeps.
    pub(super) fn close(&self) {
        let mut registered = self.registered.lock();
        if *registered {
            self.unregister();
        }
        *registered = false;
    }

    /// Unregisters the hook, which is registered, and waits for the packets in it.
    fn unregister(&self) {
        // SAFETY: The namespace is alive while the hook is registered in it.
        unsafe {
            bindings::nf_unregister_net_hook(self.raw_net(), self.hook.get());
            bindings::synchronize_net();
        }
    }

    fn raw_net(&self) -> *mut bindings::net {
        self.net.as_ptr().cast()
    }

    /// Counts a reset that is about to be sent. False if that is one too many. Any context.
    pub(crate) fn may_send(&self) -> bool {
        // SAFETY: The call has no preconditions.
        let now = unsafe { bindings::anycast6_helper_now_nsecs() };
        let mut paid = self.paid.load(Relaxed);
        while let Some(next) = reset::pay(paid, now) {
            match self.paid.cmpxchg(paid, next, Relaxed) {
                Ok(_) => return true,
                Err(other) => paid = other,
            }
        }
        false
    }
}

/// # Safety
///
/// From netfilter, for an IPv6 packet at `LOCAL_IN` of a namespace with such a hook. Softirq, or bottom halves
/// off; RCU read lock.
unsafe extern "C" fn arrived<N: Namespace>(
    _priv: *mut c_void,
    skb: *mut bindings::sk_buff,
    state: *const bindings::nf_hook_state,
) -> c_uint {
    // SAFETY: The hook is registered in a namespace that has all of ours, and unregistering waits for us. The packet
    // is ours until we return.
    unsafe {
        let net = Net::from_raw((*state).net);
        if let Some(segment) = Segment::new(net, NonNull::new_unchecked(skb)) {
            N::arrived(&segment);
        }
    }
    bindings::NF_ACCEPT
}
