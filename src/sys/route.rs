// SPDX-License-Identifier: GPL-2.0

//! Routes, above all the one that accepts the packets of a group.
//!
//! C headers: `include/net/ip6_fib.h`, `include/net/ip6_route.h`

use super::{
    addr::{
        from_kernel,
        to_kernel, //
    },
    face::Face,
    inet6_dev::Inet6Dev,
    memory::gfp_of,
    net::Net,
    net_device::NetDevice, //
};
use crate::bindings::{
    self,
    symbols, //
};
use core::{
    net::Ipv6Addr,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::{
    alloc::Flags,
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*,
    sync::{
        aref::ARef,
        rcu, //
    },
};

face! {
    /// `struct fib6_info`.
    Route(bindings::fib6_info)
}

counted!(
    Route,
    bindings::anycast6_helper_fib6_info_hold,
    bindings::anycast6_helper_fib6_info_release
);

impl Route {
    /// Takes over a reference.
    ///
    /// # Safety
    ///
    /// `ptr` is a route, and the caller passes on a reference to it.
    pub(crate) unsafe fn own(ptr: *mut bindings::fib6_info) -> ARef<Self> {
        // SAFETY: The caller passes on a reference to a route, whose pointer is not null.
        unsafe { ARef::from_raw(NonNull::new_unchecked(ptr.cast())) }
    }

    /// Makes a route of type anycast for `addr` on the device of `idev`, not yet in a table:
    /// `addr`/128, table local or the VRF's, protocol kernel.
    ///
    /// Sleeps: process context, no lock held that forbids it. Fails with `ENOMEM`, or with `EACCES`
    /// when IPv6 is disabled on the device.
    pub(crate) fn new_anycast(
        idev: &Inet6Dev,
        addr: &Ipv6Addr,
        flags: Flags,
    ) -> Result<ARef<Self>> {
        let alloc = symbols::addrconf_f6i_alloc();
        let net = idev.device().net();
        // SAFETY: Namespace and IPv6 state are alive, the address is read during the call only.
        let route = from_err_ptr(unsafe {
            alloc(
                net.as_ptr(),
                idev.as_ptr(),
                &to_kernel(addr),
                true,
                gfp_of(flags),
                null_mut(),
            )
        })?;
        // SAFETY: The new route comes with a reference.
        Ok(unsafe { Self::own(route) })
    }

    /// Makes a blackhole for `addr` of the table `table` of `net`, which begins if it has to, not yet
    /// in that table. It belongs to the loopback device, as all such routes do.
    ///
    /// Sleeps. Fails with `ENOMEM`, or with `ENODEV` when the loopback device has no IPv6.
    pub(crate) fn new_blackhole(
        net: &Net,
        table: u32,
        addr: &Ipv6Addr,
        protocol: u8,
        metric: u32,
        flags: Flags,
    ) -> Result<ARef<Self>> {
        let (alloc, fill_in) = (symbols::fib6_info_alloc(), symbols::fib6_nh_init());
        let mut config = bindings::fib6_config {
            fc_flags: bindings::RTF_REJECT,
            ..pin_init::zeroed()
        };
        // SAFETY: The namespace is alive, and so are its tables, as long as it is.
        let table = unsafe { bindings::fib6_new_table(net.as_ptr(), table) };
        let table = NonNull::new(table).ok_or(ENOMEM)?.as_ptr();
        // SAFETY: The call has no preconditions.
        let raw = NonNull::new(unsafe { alloc(gfp_of(flags), true) }).ok_or(ENOMEM)?;
        let (addr, raw) = (to_kernel(addr), raw.as_ptr());
        // SAFETY: The new route is ours alone, comes with a reference, and has room for a next hop. Once it has
        // its contents it can be released, with a next hop or without.
        unsafe {
            bindings::anycast6_helper_fib6_info_make_blackhole(raw, table, &addr, protocol, metric);
            let route = Self::own(raw);
            let (net, nexthop) = (net.as_ptr(), bindings::anycast6_helper_fib6_info_nh(raw));
            to_result(fill_in(
                net,
                nexthop,
                &mut config,
                gfp_of(flags),
                null_mut(),
            ))?;
            Ok(route)
        }
    }

    /// Inserts the route into its table. Fails with `EEXIST` when there is one already, which
    /// stays, or with `ENOMEM`.
    pub(crate) fn insert(&self, net: &Net) -> Result {
        let insert = symbols::ip6_ins_rt();
        // SAFETY: Namespace and route are alive; the table takes a reference of its own.
        to_result(unsafe { insert(net.as_ptr(), self.as_ptr()) })
    }

    /// Deletes the route from its table, and drops one reference.
    pub(crate) fn delete(this: ARef<Self>, net: &Net) -> Result {
        let delete = symbols::ip6_del_rt();
        let route = ARef::into_raw(this).as_ptr().cast();
        // SAFETY: Namespace and route are alive; the call gives back the reference passed to it.
        to_result(unsafe { delete(net.as_ptr(), route, false) })
    }

    /// Drops the route's per-CPU cached entries. They hold references to devices, e.g. the VRF by
    /// which the packets came. Done an RCU grace period later: until then readers that found the
    /// route in its table may cache it again.
    ///
    /// Any context.
    ///
    /// # Safety
    ///
    /// The route was made by [`Route::new_anycast()`] and has left its table, to which it may return only after
    /// [`rcu_barrier()`](rcu::rcu_barrier). For each time that it does this is called once.
    pub(crate) unsafe fn drop_cache_later(this: ARef<Self>) {
        let route = ARef::into_raw(this).as_ptr().cast();
        // SAFETY: The reference keeps the route, which does not need its RCU head before the last one is gone.
        // By our contract nobody else queues it. The module waits for its callbacks before it goes.
        unsafe { bindings::anycast6_helper_fib6_info_call_rcu(route, Some(drop_cache)) }
    }

    /// Drops the route's exceptions (redirects, MTUs), as `rt6_flush_exceptions()` of
    /// net/ipv6/route.c does.
    pub(crate) fn drop_exceptions(&self) {
        let drop_of = symbols::rt6_nh_flush_exceptions();
        let route = self.as_ptr();
        let _rcu = rcu::read_lock();
        // SAFETY: The route is alive, and has its next hop in itself or in a next-hop object, which it holds
        // for as long as it is in a table, and an RCU grace period longer.
        unsafe {
            let nexthop = bindings::anycast6_helper_fib6_info_nexthop(route);
            if nexthop.is_null() {
                drop_of(bindings::anycast6_helper_fib6_info_nh(route), route.cast());
            } else {
                bindings::nexthop_for_each_fib6_nh(nexthop, Some(drop_of), route.cast());
            }
        }
    }

    /// The device of a route with a next hop of its own, as the routes of groups have. [`None`] for
    /// routes with a next-hop object.
    pub(crate) fn own_device<'r>(&self, rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
        // SAFETY: The route is alive.
        let nexthop = unsafe { bindings::anycast6_helper_fib6_info_nexthop(self.as_ptr()) };
        if nexthop.is_null() {
            self.device(rcu)
        } else {
            None
        }
    }

    /// Whether the route is in its table.
    pub(crate) fn is_in_table(&self) -> bool {
        // SAFETY: The route is alive.
        unsafe { bindings::anycast6_helper_fib6_info_in_table(self.as_ptr()) }
    }

    /// The number of the table that the route was made for.
    pub(crate) fn table(&self) -> u32 {
        // SAFETY: The route is alive, and was given its table when it was made.
        unsafe { bindings::anycast6_helper_fib6_info_table(self.as_ptr()) }
    }

    /// The metric.
    pub(crate) fn metric(&self) -> u32 {
        // SAFETY: The route is alive, and was given its metric when it was made.
        unsafe { bindings::anycast6_helper_fib6_info_metric(self.as_ptr()) }
    }

    /// The address of a host route, [`None`] for shorter prefixes.
    pub(crate) fn single_address(&self) -> Option<Ipv6Addr> {
        // SAFETY: The route is alive, and its destination never changes.
        let dst = unsafe { &*bindings::anycast6_helper_fib6_info_dst(self.as_ptr()) };
        (dst.plen == 128).then(|| from_kernel(&dst.addr))
    }

    /// The device of the route.
    pub(crate) fn device<'r>(&self, _rcu: &'r rcu::Guard) -> Option<&'r NetDevice> {
        // SAFETY: The route is alive, and the RCU read lock is held, which the device of a route outlives.
        unsafe {
            NetDevice::from_nullable(bindings::anycast6_helper_fib6_info_nh_dev(self.as_ptr()))
        }
    }
}

/// # Safety
///
/// Only as an RCU callback queued by [`Route::drop_cache_later()`].
unsafe extern "C" fn drop_cache(head: *mut bindings::callback_head) {
    let release = symbols::fib6_nh_release_dsts();
    // SAFETY: The head is that of a route, which comes with a reference, and has its next hop in itself.
    unsafe {
        let route = Route::own(bindings::anycast6_helper_fib6_info_of_rcu(head));
        release(bindings::anycast6_helper_fib6_info_nh(route.as_ptr()));
    }
}
