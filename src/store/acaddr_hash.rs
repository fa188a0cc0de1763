// SPDX-License-Identifier: GPL-2.0

//! The hash of all groups of all devices and namespaces: `inet6_acaddr_lst` under
//! `acaddr_hash_lock`, both of net/ipv6/anycast.c.

use super::{
    acaddr::Acaddr,
    list_lock::LockedGroups, //
};
use crate::{
    bindings::{
        self,
        symbols, //
    },
    sys::{
        addr::to_kernel,
        face::Face,
        net::Net, //
    },
};
use core::{
    iter::successors,
    net::Ipv6Addr, //
};
use kernel::sync::rcu;

/// `IN6_ADDR_HSIZE_SHIFT` of net/ipv6/anycast.c.
const BITS: u32 = 8;

/// The bucket of `addr` in `net`.
fn bucket(net: &Net, addr: &Ipv6Addr) -> *mut bindings::hlist_head {
    // SAFETY: The namespace is alive, and the address is read during the call only.
    let key = unsafe { bindings::anycast6_helper_addr_hash(net.as_ptr(), &to_kernel(addr)) };
    // SAFETY: A plain computation.
    let index = unsafe { bindings::anycast6_helper_hash_32(key, BITS) };
    nth(index as usize)
}

/// Bucket number `index`, which is below 2^[`BITS`].
fn nth(index: usize) -> *mut bindings::hlist_head {
    // SAFETY: The table has that many buckets.
    unsafe { symbols::inet6_acaddr_lst().add(index) }
}

/// Runs `change` under the hash lock.
fn locked(change: impl FnOnce()) {
    let lock = symbols::acaddr_hash_lock();
    // SAFETY: The lock is the kernel's own and always there.
    unsafe { bindings::anycast6_helper_spin_lock_bh(lock) };
    change();
    // SAFETY: It was taken above.
    unsafe { bindings::anycast6_helper_spin_unlock_bh(lock) };
}

/// Adds a group that is being listed on a device of `net` to the hash.
pub(super) fn insert(group: &Acaddr, net: &Net, _groups: &LockedGroups<'_>) {
    let bucket = bucket(net, &group.addr());
    // SAFETY: The hash lock is held, and the group is in no bucket.
    locked(|| unsafe { bindings::anycast6_helper_hash_add_rcu(group.as_ptr(), bucket) });
}

/// Replaces `old` by `new`, a group of the same address and device.
pub(super) fn replace(old: &Acaddr, new: &Acaddr, _groups: &LockedGroups<'_>) {
    // SAFETY: The hash lock is held, `old` is in the hash and `new` is not.
    locked(|| unsafe { bindings::anycast6_helper_hash_replace_rcu(old.as_ptr(), new.as_ptr()) });
}

/// Removes a group that is leaving its device's list from the hash.
pub(super) fn remove(group: &Acaddr, _groups: &LockedGroups<'_>) {
    // SAFETY: The hash lock is held. A group that C took out a moment ago is left alone.
    locked(|| unsafe { bindings::anycast6_helper_hash_del_rcu(group.as_ptr()) });
}

/// Whether the group is in the hash, and so on its device's list. It stays so under the device's
/// lock.
pub(super) fn contains(group: &Acaddr, _groups: &LockedGroups<'_>) -> bool {
    // Others in its bucket may come and go at this moment.
    !read_once!(group, aca_addr_lst.pprev).is_null()
}

/// The groups in one bucket.
fn chain<'r>(
    bucket: *mut bindings::hlist_head,
    _rcu: &'r rcu::Guard,
) -> impl Iterator<Item = &'r Acaddr> {
    // SAFETY: The RCU read lock is held. A group in the hash is freed an RCU grace period after it has left it.
    let first = unsafe { Acaddr::from_nullable(bindings::anycast6_helper_hash_first_rcu(bucket)) };
    successors(first, |group| {
        // SAFETY: The group is alive and the RCU read lock is held, for which the next one stays, too.
        unsafe { Acaddr::from_nullable(bindings::anycast6_helper_hash_next_rcu(group.as_ptr())) }
    })
}

/// The groups in the bucket of `addr` in `net`; others share it.
pub(crate) fn candidates<'r>(
    net: &Net,
    addr: &Ipv6Addr,
    rcu: &'r rcu::Guard,
) -> impl Iterator<Item = &'r Acaddr> {
    chain(bucket(net, addr), rcu)
}

/// All groups.
pub(crate) fn all(rcu: &rcu::Guard) -> impl Iterator<Item = &Acaddr> {
    (0..1 << BITS).flat_map(move |index| chain(nth(index), rcu))
}
