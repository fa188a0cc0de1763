// SPDX-License-Identifier: GPL-2.0

//! Users.
//!
//! C headers: `include/linux/cred.h`, `include/linux/user_namespace.h`

use crate::bindings;
use core::{
    iter::successors,
    num::NonZeroU32,
    ptr::NonNull, //
};

/// A user, by the number in the initial user namespace.
///
/// # Invariants
///
/// It is his number and one more: nobody has the number -1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct User(NonZeroU32);

impl User {
    /// The user accountable for the memory that the current task causes. [`None`] if the task has
    /// `CAP_NET_ADMIN` in the initial user namespace.
    ///
    /// In another user namespace, this is the owner of the outermost one around the task below the
    /// initial one: a user may have many numbers in there, and many namespaces.
    pub(crate) fn accountable() -> Option<Self> {
        // SAFETY: A task may ask for its own.
        if unsafe { bindings::anycast6_helper_first_net_admin() } {
            return None;
        }
        // SAFETY: A task may ask for its own.
        let own = NonNull::new(unsafe { bindings::anycast6_helper_current_user_ns() });
        let around = successors(own, |ns| {
            // SAFETY: The namespaces of the current task, and those around them, stay while it has them.
            NonNull::new(unsafe { bindings::anycast6_helper_user_ns_parent(ns.as_ptr()) })
        });
        // The initial namespace is around all others; its owner does not matter.
        let (mut outermost, mut first) = (None, None);
        for ns in around {
            outermost = first.replace(ns);
        }
        // SAFETY: The namespaces stay while the task has them, and it may ask for its own user.
        Self::of(unsafe {
            match outermost {
                Some(ns) => bindings::anycast6_helper_user_ns_owner(ns.as_ptr()),
                None => bindings::anycast6_helper_current_euid(),
            }
        })
    }

    fn of(uid: u32) -> Option<Self> {
        // INVARIANT: It is one more than the number.
        NonZeroU32::new(uid.wrapping_add(1)).map(Self)
    }
}
