// SPDX-License-Identifier: GPL-2.0

//! Conversions between `struct in6_addr` and [`Ipv6Addr`].

use crate::bindings;
use core::net::Ipv6Addr;

/// Converts to the kernel's form.
pub(crate) fn to_kernel(addr: &Ipv6Addr) -> bindings::in6_addr {
    bindings::in6_addr {
        in6_u: bindings::in6_addr__bindgen_ty_1 {
            u6_addr8: addr.octets(),
        },
    }
}

/// Converts from the kernel's form.
pub(crate) fn from_kernel(addr: &bindings::in6_addr) -> Ipv6Addr {
    // SAFETY: Every variant of the union is sixteen bytes, all of them initialised.
    Ipv6Addr::from(unsafe { addr.in6_u.u6_addr8 })
}
