// SPDX-License-Identifier: GPL-2.0

//! The memberships of a socket, as the kernel keeps them.
//!
//! C header: `include/net/if_inet6.h` (`struct ipv6_ac_socklist`, `np->ipv6_ac_list`)

use super::index::Complete;
use crate::{
    bindings,
    decide::membership::Membership,
    sys::{
        addr::{
            from_kernel,
            to_kernel, //
        },
        face::Face,
        memory::{
            gfp_of, //
            CHARGED_OR_NONE,
        },
        sock::Sock, //
    },
};
use core::{
    iter::successors,
    mem::ManuallyDrop,
    ptr::NonNull, //
};
use kernel::prelude::*;

/// The identity of a membership: its address, unique while it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity(usize);

impl Identity {
    /// The least one.
    pub(crate) const FIRST: Self = Self(0);

    /// The least one after this.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The size of a membership, as charged to the socket: an `int`, as C takes it.
const SIZE: i32 = size_of::<bindings::ipv6_ac_socklist>() as i32;

/// The memory of a membership that is on no list, charged to a socket (`net.core.optmem_max`) and
/// to the memory control group of the program.
///
/// # Invariants
///
/// `ptr` came from `sock_kmalloc()` of this socket, here or in C, is initialised, and nobody else
/// has it.
pub(crate) struct MembershipBox<'s> {
    sock: &'s Sock,
    ptr: NonNull<bindings::ipv6_ac_socklist>,
}

impl<'s> MembershipBox<'s> {
    /// Allocates a membership of `sock`, whose lock is held. Sleeps. Fails with `ENOMEM`.
    pub(crate) fn new(sock: &'s Sock) -> Result<Self> {
        let gfp = gfp_of(CHARGED_OR_NONE);
        // SAFETY: The socket is alive.
        let ptr = unsafe { bindings::sock_kmalloc(sock.as_ptr(), SIZE, gfp) };
        let ptr = NonNull::new(ptr.cast::<bindings::ipv6_ac_socklist>()).ok_or(ENOMEM)?;
        // SAFETY: The memory is ours and large enough, and zeroes are valid for the type.
        unsafe { ptr.write_bytes(0, 1) };
        // INVARIANT: The memory has just been allocated and initialised.
        Ok(Self { sock, ptr })
    }

    /// The identity of this membership.
    pub(crate) fn identity(&self) -> Identity {
        Identity(self.ptr.addr().get())
    }

    /// The socket that is charged.
    pub(crate) fn sock(&self) -> &'s Sock {
        self.sock
    }

    /// The content of the membership.
    pub(crate) fn get(&self) -> Membership {
        // SAFETY: The memory is initialised, and ours alone.
        let raw = unsafe { self.ptr.as_ref() };
        membership(raw)
    }

    /// Sets the content.
    pub(crate) fn set(&mut self, membership: &Membership) {
        // SAFETY: The memory is initialised, and ours alone.
        let raw = unsafe { self.ptr.as_mut() };
        raw.acl_ifindex = membership.ifindex;
        raw.acl_addr = to_kernel(&membership.addr);
    }
}

impl Drop for MembershipBox<'_> {
    fn drop(&mut self) {
        // SAFETY: The memory came from `sock_kmalloc()` of the socket, charged as much, and nobody else has it.
        unsafe {
            bindings::sock_kfree_s(self.sock.as_ptr(), self.ptr.as_ptr().cast(), SIZE);
        }
    }
}

/// The content of an item of the kernel's list.
fn membership(raw: &bindings::ipv6_ac_socklist) -> Membership {
    Membership {
        ifindex: raw.acl_ifindex,
        addr: from_kernel(&raw.acl_addr),
    }
}

/// A socket's list of memberships, newest first.
///
/// # Invariants
///
/// Nobody else looks at the list: the socket lock is held, or the socket is being closed and has no
/// other user left. `list` is its head, and all items on it came from `sock_kmalloc()` of `sock`.
pub(crate) struct Memberships<'s> {
    sock: &'s Sock,
    list: NonNull<*mut bindings::ipv6_ac_socklist>,
}

impl<'s> Memberships<'s> {
    /// The memberships of `sock`.
    ///
    /// # Safety
    ///
    /// `sock` is an IPv6 socket that stays alive for `'s`, and its list is the caller's alone for
    /// that time: it holds the socket lock, or is closing the socket.
    pub(crate) unsafe fn of(sock: *mut bindings::sock) -> Self {
        // SAFETY: The socket is an IPv6 one, so it has that list.
        let list = unsafe { bindings::anycast6_helper_sock_ac_list(sock) };
        // INVARIANT: The caller promises that the list is its own.
        Self {
            // SAFETY: The socket stays alive for `'s`.
            sock: unsafe { Sock::from_raw(sock) },
            // SAFETY: The address of a field is not null.
            list: unsafe { NonNull::new_unchecked(list) },
        }
    }

    /// The socket.
    pub(crate) fn sock(&self) -> &'s Sock {
        self.sock
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        // SAFETY: It is the head of the list, which nobody else looks at.
        unsafe { self.list.read() }.is_null()
    }

    /// Whether a membership passes `test`.
    pub(crate) fn any(&self, test: impl Fn(&Membership) -> bool) -> bool {
        // SAFETY: Nobody else looks at the list, of which this is the head, nor at the items on it.
        let next = |link: *mut bindings::ipv6_ac_socklist| unsafe { link.as_ref() };
        // SAFETY: It is the head of the list, which nobody else looks at.
        let first = next(unsafe { self.list.read() });
        successors(first, |item| next(item.acl_next)).any(|item| test(&membership(item)))
    }

    /// Adds `membership` to the list as the newest.
    pub(crate) fn push(&mut self, membership: MembershipBox<'s>) {
        let membership = ManuallyDrop::new(membership);
        // SAFETY: Nobody else looks at the list, nor has the memory, which the list owns from now on.
        unsafe {
            (*membership.ptr.as_ptr()).acl_next = self.list.read();
            self.list.write(membership.ptr.as_ptr());
        }
    }

    /// Takes the newest membership that `matches` off the list.
    pub(crate) fn remove_first(
        &mut self,
        matches: impl Fn(&Membership) -> bool,
    ) -> Option<MembershipBox<'s>> {
        let mut link = self.list;
        loop {
            // SAFETY: `link` is the head of the list or the link of an item on it.
            let mut item = NonNull::new(unsafe { link.read() })?;
            // SAFETY: The item is on the list, which is ours alone.
            let raw = unsafe { item.as_mut() };
            if matches(&membership(raw)) {
                // SAFETY: `link` is what leads to the item, which leaves the list. Nobody else looks at that.
                unsafe { link.write(raw.acl_next) };
                // INVARIANT: The item came from the list, and is on it no longer.
                return Some(MembershipBox {
                    sock: self.sock,
                    ptr: item,
                });
            }
            link = NonNull::from(&mut raw.acl_next);
        }
    }

    /// Takes the newest membership off the list.
    pub(crate) fn pop(&mut self) -> Option<MembershipBox<'s>> {
        self.remove_first(|_| true)
    }
}

impl Sock {
    /// Whether one of the memberships on the socket's own list passes `test`. For memberships from
    /// before the takeover, which are in no table of ours.
    ///
    /// Any context but hardirq. False while somebody else has locked the socket.
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
}
