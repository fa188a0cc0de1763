// SPDX-License-Identifier: GPL-2.0

//! The replacements for functions of net/ipv6/anycast.c and a few others: convert C's arguments,
//! call, convert the result.
//!
//! Each names its callers and the locks they hold. [`functions`](super::functions) checks the
//! prototypes.

use crate::{
    bindings,
    decide::addr::is_link_local,
    entry::{
        addrconf,
        bind,
        events,
        setsockopt,
        syn, //
    },
    group::{
        self,
        lookup::{
            self,
            Place, //
        },
    },
    show::anycast6,
    store::{
        membership::Memberships,
        seq::ProcReader, //
    },
    sys::{
        addr::from_kernel,
        bind_request::BindRequest,
        disable_ipv6::DisableIpv6,
        face::Face,
        inet6_dev::Inet6Dev,
        net::Net,
        net_device::NetDevice,
        route::Route,
        rtnl::Rtnl,
        sock::Sock,
        syn::Syn, //
    },
    variant::errno, //
};
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    mem,
    net::Ipv6Addr, //
};
use kernel::sync::rcu;

/// `setsockopt(IPV6_JOIN_ANYCAST)`, from `do_ipv6_setsockopt()`.
///
/// # Safety
///
/// `sk` is an IPv6 socket whose lock is held, `addr` an address. Process context.
pub(crate) unsafe extern "C" fn sock_ac_join(
    sk: *mut bindings::sock,
    ifindex: c_int,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: The socket is an IPv6 one and locked, so its list is ours, and there is an address.
    let (mut memberships, addr) = unsafe { (Memberships::of(sk), from_kernel(&*addr)) };
    errno(setsockopt::join(&mut memberships, ifindex, addr))
}

/// `setsockopt(IPV6_LEAVE_ANYCAST)`, from `do_ipv6_setsockopt()`.
///
/// # Safety
///
/// `sk` is an IPv6 socket whose lock is held, `addr` an address. Process context.
pub(crate) unsafe extern "C" fn sock_ac_drop(
    sk: *mut bindings::sock,
    ifindex: c_int,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: The socket is an IPv6 one and locked, so its list is ours, and there is an address.
    let (mut memberships, addr) = unsafe { (Memberships::of(sk), from_kernel(&*addr)) };
    errno(setsockopt::leave(&mut memberships, ifindex, addr))
}

/// The close of a socket, from `inet6_release()`.
///
/// SYNs find a listener until it is closed, and look at its memberships. Hence the socket lock;
/// sockets without memberships do not need it.
///
/// # Safety
///
/// `sk` is an IPv6 socket that no program uses any more, and whose lock is not held. Process context.
pub(crate) unsafe extern "C" fn sock_ac_close(sk: *mut bindings::sock) {
    // SAFETY: The socket is alive, and nobody can join by it any more. Its lock is held while the list
    // changes, and given back.
    unsafe {
        if Memberships::of(sk).is_empty() {
            return;
        }
        bindings::anycast6_helper_lock_sock(sk);
        sock_ac_close_locked(sk);
        bindings::release_sock(sk);
    }
}

/// The conversion of a socket to IPv4 (`IPV6_ADDRFORM`), from `do_ipv6_setsockopt()`.
///
/// # Safety
///
/// `sk` is an IPv6 socket whose lock is held. Process context.
pub(crate) unsafe extern "C" fn sock_ac_close_locked(sk: *mut bindings::sock) {
    // SAFETY: The socket is an IPv6 one and locked, so its list is ours.
    let mut memberships = unsafe { Memberships::of(sk) };
    setsockopt::close(&mut memberships);
}

/// A SYN for a listener, from `tcp_rcv_state_process()`.
///
/// # Safety
///
/// `sk` is a listening IPv6 TCP socket, `skb` a SYN that has been routed. Softirq, RCU read lock.
pub(crate) unsafe extern "C" fn conn_request(
    sk: *mut bindings::sock,
    skb: *mut bindings::sk_buff,
) -> c_int {
    // SAFETY: TCP has both alive, the packet routed, and the RCU read lock.
    syn::connection_request(unsafe { &Syn::new(Sock::from_raw(sk), skb) })
}

/// `bind()`, for all IPv6 sockets (`inet6_bind()`).
///
/// # Safety
///
/// `sock` has a socket, whose lock is not held; `uaddr` is the caller's own, of `len` bytes. Process
/// context.
pub(crate) unsafe extern "C" fn bind(
    sock: *mut bindings::socket,
    uaddr: *mut bindings::sockaddr_unsized,
    len: c_int,
) -> c_int {
    // SAFETY: The system call has its socket alive and unlocked, and `uaddr` for itself.
    let request = unsafe { BindRequest::new(Sock::from_raw((*sock).sk), uaddr, len) };
    errno(bind::bind(request))
}

/// A route has just left its table, from `fib6_purge_rt()`. Drops its exceptions, as C does.
///
/// # Safety
///
/// `route` is alive. Any context but hardirq, under the lock of its table.
pub(crate) unsafe extern "C" fn flush_exceptions(route: *mut bindings::fib6_info) {
    // SAFETY: Whoever purges a route has it alive.
    let route = unsafe { Route::from_raw(route) };
    route.drop_exceptions();
    events::route_left(route);
}

/// The sysctl `net.ipv6.conf.*.disable_ipv6` is read or written.
///
/// # Safety
///
/// From the sysctl, with a row of addrconf's for that file. Process context.
pub(crate) unsafe extern "C" fn sysctl_disable(
    row: *const bindings::ctl_table,
    write: c_int,
    buffer: *mut c_void,
    len: *mut usize,
    pos: *mut bindings::loff_t,
) -> c_int {
    // SAFETY: The sysctl calls with a row of addrconf's, which it keeps, and as a `proc_handler` is called.
    let (file, value) = unsafe {
        let file = DisableIpv6::new(row);
        let value = file.transfer(write, buffer, len, pos);
        (file, value)
    };
    errno(value.and_then(|value| match write {
        0 => Ok(()),
        _ => file.set(value, events::device_leaving, events::device_changed),
    }))
}

/// addrconf joins the subnet-router anycast of a prefix, from `addrconf_join_anycast()`.
///
/// # Safety
///
/// `idev` is alive, `addr` an address. Process context, under RTNL.
pub(crate) unsafe extern "C" fn dev_ac_inc(
    idev: *mut bindings::inet6_dev,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: addrconf has `idev` alive, and `addr` is an address.
    let (idev, addr) = unsafe { (Inet6Dev::from_raw(idev), from_kernel(&*addr)) };
    errno(addrconf::join(idev, &addr))
}

/// addrconf leaves the subnet-router anycast of a prefix, from `addrconf_leave_anycast()`.
///
/// # Safety
///
/// `idev` is alive, `addr` an address. Process context, under RTNL.
pub(crate) unsafe extern "C" fn dev_ac_dec(
    idev: *mut bindings::inet6_dev,
    addr: *const bindings::in6_addr,
) -> c_int {
    // SAFETY: addrconf has `idev` alive, and `addr` is an address.
    let (idev, addr) = unsafe { (Inet6Dev::from_raw(idev), from_kernel(&*addr)) };
    errno(addrconf::leave(idev, &addr))
}

/// IPv6 leaves a device for good, from `addrconf_ifdown()`.
///
/// # Safety
///
/// `idev` is alive. Process context, under RTNL.
pub(crate) unsafe extern "C" fn ac_destroy_dev(idev: *mut bindings::inet6_dev) {
    // SAFETY: addrconf has `idev` alive, and RTNL.
    let (idev, rtnl) = unsafe { (Inet6Dev::from_raw(idev), Rtnl::held()) };
    group::ipv6_gone(idev, rtnl);
}

/// Whether `addr` is an anycast address, on `dev` unless null. From `ndisc_recv_ns()` and from
/// modules.
///
/// # Safety
///
/// `net` is alive, `dev` null or alive, `addr` an address. Any context.
#[export_name = "ipv6_chk_acast_addr"]
pub(crate) unsafe extern "C" fn chk_acast_addr(
    net: *mut bindings::net,
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> bool {
    // SAFETY: Namespace and device are alive, unless the latter is null, and `addr` is an address.
    let (net, device, addr) = unsafe { question(net, dev, addr) };
    lookup::is_held(net, device.map_or(Place::Any, Place::Device), &addr)
}

/// Whether `addr` is an anycast address: a link-local one on `dev`, any other on any device. From
/// `icmp6_send()` and, for a source address set by a program, `ip6_datagram_send_ctl()`.
///
/// # Safety
///
/// `net` is alive, `dev` null or alive, `addr` an address. Any context.
pub(crate) unsafe extern "C" fn chk_acast_addr_src(
    net: *mut bindings::net,
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> bool {
    // SAFETY: Namespace and device are alive, unless the latter is null, and `addr` is an address.
    let (net, device, addr) = unsafe { question(net, dev, addr) };
    let device = device.filter(|_| is_link_local(&addr));
    lookup::is_held(net, device.map_or(Place::Any, Place::Device), &addr)
}

/// The arguments of a look-up.
///
/// # Safety
///
/// `net` is alive for `'a`, `dev` null or alive for `'a`, `addr` an address.
unsafe fn question<'a>(
    net: *mut bindings::net,
    dev: *mut bindings::net_device,
    addr: *const bindings::in6_addr,
) -> (&'a Net, Option<&'a NetDevice>, Ipv6Addr) {
    // SAFETY: For `'a` the namespace is alive and the device null or alive; `addr` is an address.
    unsafe {
        (
            Net::from_raw(net),
            NetDevice::from_nullable(dev),
            from_kernel(&*addr),
        )
    }
}

/// `/proc/net/anycast6`: takes the RCU read lock, which [`seq_stop()`] drops, and finds a line.
///
/// # Safety
///
/// From seq_file, on that file. Process context.
pub(crate) unsafe extern "C" fn seq_start(
    seq: *mut bindings::seq_file,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    let rcu = rcu::read_lock();
    // SAFETY: seq_file calls with both.
    let (mut seq, index) = unsafe { (ProcReader::from_raw(seq), *pos) };
    let line = u64::try_from(index).ok();
    let position = line.and_then(|line| anycast6::nth(seq.net(), line, &rcu));
    let group = seq.remember(position);
    mem::forget(rcu);
    group
}

/// `/proc/net/anycast6`: finds the next line.
///
/// # Safety
///
/// From seq_file, on that file, between start and stop, `group` being what the last operation
/// returned. Process context.
pub(crate) unsafe extern "C" fn seq_next(
    seq: *mut bindings::seq_file,
    group: *mut c_void,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    let rcu = rcu::read_lock();
    // SAFETY: seq_file calls with these, in the RCU read section begun by `start`.
    let (mut seq, position) = unsafe {
        *pos += 1;
        let seq = ProcReader::from_raw(seq);
        let position = seq.recall(group, &rcu);
        (seq, position)
    };
    seq.remember(anycast6::next(position, &rcu))
}

/// `/proc/net/anycast6`: remembers the next line, and drops the RCU read lock.
///
/// # Safety
///
/// From seq_file, on that file, once after each start, `group` being what the last operation returned.
/// Process context.
pub(crate) unsafe extern "C" fn seq_stop(seq: *mut bindings::seq_file, group: *mut c_void) {
    if !group.is_null() {
        let rcu = rcu::read_lock();
        // SAFETY: seq_file calls with both, in the RCU read section begun by `start`.
        let (seq, position) = unsafe {
            let seq = ProcReader::from_raw(seq);
            let position = seq.recall(group, &rcu);
            (seq, position)
        };
        anycast6::stopped(seq.net(), seq.line(), position);
    }
    // SAFETY: `start`, be it Rust's or C's, has taken it.
    unsafe { bindings::anycast6_helper_rcu_read_unlock() }
}

/// `/proc/net/anycast6`: writes a line.
///
/// # Safety
///
/// From seq_file, on that file, between start and stop, `group` being what the last operation
/// returned. Process context.
pub(crate) unsafe extern "C" fn seq_show(
    seq: *mut bindings::seq_file,
    group: *mut c_void,
) -> c_int {
    let rcu = rcu::read_lock();
    // SAFETY: seq_file calls with both, in the RCU read section begun by `start`.
    let (mut seq, position) = unsafe {
        let seq = ProcReader::from_raw(seq);
        let position = seq.recall(group, &rcu);
        (seq, position)
    };
    seq.write(anycast6::line(position).as_bytes());
    0
}
