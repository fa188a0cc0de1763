// SPDX-License-Identifier: GPL-2.0

//! Unexported kernel symbols, reached through livepatch relocations.
//!
//! Each has a slot: a pointer that the kernel sets when it loads the module
//! (Documentation/livepatch/module-elf-format.rst). The kernel refuses the module if a symbol does
//! not exist: `livepatch: symbol '...' not found in symbol table`.
//!
//! `objtool klp post-link` makes the relocations from the entries of section `__klp_relocs.vmlinux`
//! (`struct klp_reloc` in tools/objtool/include/objtool/klp.h): the place, the symbol, and the
//! type. The slot also needs an ordinary relocation, which post-link disables, and a local label,
//! because post-link takes the offset of the slot from the entry's addend. This is assembly, as no
//! compiler can emit a name with a comma. The number after the comma is the position among symbols
//! of the same name; 0 means that the name is unique.

use crate::bindings;
use core::arch::global_asm;

/// Slots for functions and variables of the kernel, and functions that read the slots.
macro_rules! klp_symbols {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $prototype:expr;)*) => {
        $(
            global_asm!(
                ".pushsection .data..ro_after_init, \"aw\"",
                ".balign 8",
                concat!(".globl anycast6_klp_", stringify!($name)),
                concat!("anycast6_klp_", stringify!($name), ":"),
                concat!(".Lanycast6_klp_", stringify!($name), ":"),
                concat!(".quad \".klp.sym.vmlinux.", stringify!($name), ",0\""),
                ".popsection",
                ".pushsection __klp_relocs.vmlinux, \"a\"",
                concat!(".quad .Lanycast6_klp_", stringify!($name)),
                concat!(".quad \".klp.sym.vmlinux.", stringify!($name), ",0\""),
                ".long 1", // R_X86_64_64
                ".long 0",
                ".popsection",
            );

            $(#[$doc])*
            pub(crate) fn $name() -> $type {
                // The type is the one of the kernel's headers, or the build fails.
                const _: fn() = || { let _: $type = $prototype; };

                // The structures have no fields in these bindings.
                #[allow(improper_ctypes)]
                extern "C" {
                    #[link_name = concat!("anycast6_klp_", stringify!($name))]
                    static SLOT: $type;
                }
                // SAFETY: The kernel has filled the slot in before any code of the module runs,
                // with the address of what has that name, and never writes it again.
                unsafe { SLOT }
            }
        )*
    };
}

klp_symbols! {
    /// net/ipv6/route.c: makes a local or anycast route, not yet in a table. Sleeps if `gfp_t`
    /// allows.
    addrconf_f6i_alloc: unsafe extern "C" fn(
        *mut bindings::net,
        *mut bindings::inet6_dev,
        *const bindings::in6_addr,
        bool,
        bindings::gfp_t,
        *mut bindings::netlink_ext_ack,
    ) -> *mut bindings::fib6_info = bindings::addrconf_f6i_alloc;

    /// net/ipv6/route.c: inserts a route into its table, which takes a reference of its own.
    ip6_ins_rt: unsafe extern "C" fn(*mut bindings::net, *mut bindings::fib6_info) -> i32
        = bindings::ip6_ins_rt;

    /// net/ipv6/route.c: deletes a route from its table and drops one reference of the caller's.
    ip6_del_rt: unsafe extern "C" fn(*mut bindings::net, *mut bindings::fib6_info, bool) -> i32
        = bindings::ip6_del_rt;

    /// net/ipv6/ip6_fib.c: a route without contents, with room for a next hop.
    fib6_info_alloc: unsafe extern "C" fn(bindings::gfp_t, bool) -> *mut bindings::fib6_info
        = bindings::fib6_info_alloc;

    /// net/ipv6/route.c: fills in the next hop of a new route.
    fib6_nh_init: unsafe extern "C" fn(
        *mut bindings::net,
        *mut bindings::fib6_nh,
        *mut bindings::fib6_config,
        bindings::gfp_t,
        *mut bindings::netlink_ext_ack,
    ) -> i32 = bindings::fib6_nh_init;

    /// net/ipv6/route.c: drops a route's per-CPU cached entries.
    fib6_nh_release_dsts: unsafe extern "C" fn(*mut bindings::fib6_nh)
        = bindings::fib6_nh_release_dsts;

    /// net/ipv6/route.c: drops the exceptions of a route, the second argument, for one next hop.
    rt6_nh_flush_exceptions: unsafe extern "C" fn(
        *mut bindings::fib6_nh,
        *mut kernel::ffi::c_void,
    ) -> i32 = bindings::rt6_nh_flush_exceptions;

    /// net/ipv6/af_inet6.c: binds a socket.
    __inet6_bind: unsafe extern "C" fn(
        *mut bindings::sock,
        *mut bindings::sockaddr_unsized,
        i32,
        u32,
    ) -> i32 = bindings::__inet6_bind;

    /// net/core/sock_diag.c: a socket's cookie. Preemption disabled.
    __sock_gen_cookie: unsafe extern "C" fn(*mut bindings::sock) -> u64
        = bindings::__sock_gen_cookie;

    /// net/ipv4/tcp_ipv4.c: answers a SYN over IPv4.
    tcp_v4_conn_request: unsafe extern "C" fn(*mut bindings::sock, *mut bindings::sk_buff) -> i32
        = bindings::tcp_v4_conn_request;

    /// net/ipv4/tcp_input.c: answers a SYN.
    tcp_conn_request: unsafe extern "C" fn(
        *mut bindings::request_sock_ops,
        *const bindings::tcp_request_sock_ops,
        *mut bindings::sock,
        *mut bindings::sk_buff,
    ) -> i32 = bindings::tcp_conn_request;

    /// net/ipv6/tcp_ipv6.c: the request socket operations of IPv6.
    tcp6_request_sock_ops: *mut bindings::request_sock_ops
        = &raw mut bindings::tcp6_request_sock_ops;

    /// net/ipv6/tcp_ipv6.c: the request socket operations of TCP over IPv6.
    tcp_request_sock_ipv6_ops: *const bindings::tcp_request_sock_ops
        = &raw const bindings::tcp_request_sock_ipv6_ops;

    /// net/ipv6/mcast.c: leaves a multicast group, once. Sleeps.
    __ipv6_dev_mc_dec: unsafe extern "C" fn(
        *mut bindings::inet6_dev,
        *const bindings::in6_addr,
    ) -> i32 = bindings::__ipv6_dev_mc_dec;

    /// net/ipv6/addrconf.c: writes a netlink message about an anycast address.
    inet6_fill_ifacaddr: unsafe extern "C" fn(
        *mut bindings::sk_buff,
        *const bindings::ifacaddr6,
        *mut bindings::inet6_fill_args,
    ) -> i32 = bindings::inet6_fill_ifacaddr;

    /// net/ipv6/addrconf.c: addrconf's notifier for device events. Under RTNL.
    addrconf_notify: unsafe extern "C" fn(
        *mut bindings::notifier_block,
        kernel::ffi::c_ulong,
        *mut kernel::ffi::c_void,
    ) -> i32 = bindings::addrconf_notify;

    /// net/ipv6/anycast.c: the hash of all anycast addresses, 256 buckets.
    inet6_acaddr_lst: *mut bindings::hlist_head
        = (&raw mut bindings::inet6_acaddr_lst).cast::<bindings::hlist_head>();

    /// net/ipv6/anycast.c: the lock of that hash, for writers.
    acaddr_hash_lock: *mut bindings::spinlock_t = &raw mut bindings::acaddr_hash_lock;

    /// kernel/livepatch/core.c: the lock that protects livepatches.
    klp_mutex: *mut bindings::mutex = &raw mut bindings::klp_mutex;

    /// kernel/module/main.c: the module that contains an address. Under the RCU read lock.
    __module_address: unsafe extern "C" fn(usize) -> *mut bindings::module
        = bindings::__module_address;

    /// Defined by the linker, used by kernel/ksysfs.c: the notes of the kernel's image, and their
    /// end.
    __start_notes: *const u8 = (&raw const bindings::__start_notes).cast::<u8>();
    __stop_notes: *const u8 = (&raw const bindings::__stop_notes).cast::<u8>();

    /// kernel/livepatch/core.c: all livepatches, under `klp_mutex`.
    klp_patches: *mut bindings::list_head = &raw mut bindings::klp_patches;
}
