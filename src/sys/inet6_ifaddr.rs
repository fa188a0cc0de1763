// SPDX-License-Identifier: GPL-2.0

//! The unicast addresses of a device.
//!
//! C header: `include/net/if_inet6.h`

use super::{
    addr::from_kernel,
    face::Face,
    net::Net,
    route::Route,
    rtnl::Rtnl, //
};
use crate::{
    bindings,
    decide::unicast::Unicast, //
};

face! {
    /// `struct inet6_ifaddr`.
    IfAddr(bindings::inet6_ifaddr)
}

/// `state` of an address that is being deleted.
const DEAD: i32 = bindings::INET6_IFADDR_STATE_DEAD as i32;

impl IfAddr {
    /// Restores the address's route, which accepts its packets, if it should have one.
    ///
    /// RTNL keeps addresses and their routes stable. Does nothing without memory for the route.
    pub(super) fn restore_route(&self, net: &Net, _rtnl: &Rtnl) {
        let unicast = self.get();
        if unicast.tentative || unicast.gone {
            return;
        }
        // SAFETY: Under RTNL the address keeps its route, which is not null.
        let route = unsafe { Route::from_raw((*self.as_ptr()).rt) };
        if !route.is_in_table() {
            let _ = route.insert(net);
        }
    }

    /// Whether duplicate address detection has found nobody else with the address.
    pub(super) fn is_decided(&self) -> bool {
        let undecided =
            bindings::IFA_F_TENTATIVE | bindings::IFA_F_OPTIMISTIC | bindings::IFA_F_DADFAILED;
        read_once!(self, flags) & undecided == 0
    }

    /// The address as it is now.
    ///
    /// addrconf changes addresses under RTNL; without it, the fields may be from two moments.
    pub(crate) fn get(&self) -> Unicast {
        let (flags, state, route) = (
            read_once!(self, flags),
            read_once!(self, state),
            read_once!(self, rt),
        );
        let undecided = bindings::IFA_F_TENTATIVE | bindings::IFA_F_OPTIMISTIC;
        Unicast {
            addr: from_kernel(&read_once!(self, addr)),
            prefix_len: read_once!(self, prefix_len),
            tentative: flags & undecided == bindings::IFA_F_TENTATIVE,
            gone: state == DEAD || route.is_null(),
        }
    }
}
