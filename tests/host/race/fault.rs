// SPDX-License-Identifier: GPL-2.0

//! What a group must not be.

use super::kernel::Kernel;

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// Held, the device can carry it, and not listed.
    Unlisted,
    /// Listed and held by nobody, or the device cannot carry it.
    Ghost,
    /// Listed with another number of holders than there are.
    Miscounted,
    /// Listed and answered for, and its packets are dropped.
    BlackHole,
    /// A route that leads to no group.
    StaleRoute,
    /// Listed, and solicitations do not arrive.
    Unanswered,
    /// Not listed, and solicitations arrive, or they do so twice.
    StaleSolicited,
    /// More or fewer notifications than changes.
    Mistold,
    /// A route is used again that has left its table.
    SpentRoute,
    /// A device is gone, and something of the group is still on it.
    LeftBehind,
    /// A group that is held with privilege, and a unicast address that was added after the module had been
    /// asked.
    BothWon,
    /// A unicast address whose packets are dropped, or are a group's.
    Unserved,
    /// A lock is held by nobody.
    Locked,
}

/// What no moment may show.
pub(super) fn meanwhile(kernel: &Kernel) -> Option<Fault> {
    let listed = kernel.idevs.iter().filter_map(|idev| idev.listed);
    if !(0..=1).contains(&kernel.told) {
        return Some(Fault::Mistold);
    }
    for group in listed {
        if group.users < 1 {
            return Some(Fault::Miscounted);
        }
    }
    None
}

/// What may not be when nobody is at work on the group.
pub(super) fn of_quiet(kernel: &Kernel) -> Option<Fault> {
    let gone = kernel.idevs.iter().filter(|idev| idev.dead);
    if gone
        .into_iter()
        .any(|idev| idev.listed.is_some() || idev.solicited != 0)
    {
        return Some(Fault::LeftBehind);
    }
    if kernel.tables.publish || kernel.rtnl {
        return Some(Fault::Locked);
    }

    let held = kernel.memberships();
    let idev = kernel.ipv6.map(|idev| &kernel.idevs[idev]);
    let listed = idev.and_then(|idev| idev.listed);
    let solicited = idev.map_or(0, |idev| idev.solicited);
    if kernel.unicast.is_some() && kernel.agreed && kernel.privileged && held > 0 {
        return Some(Fault::BothWon);
    }
    if kernel.unicast.is_some() && kernel.in_table != kernel.unicast {
        return Some(Fault::Unserved);
    }
    let carried = kernel.ipv6.is_some_and(|idev| kernel.carries(idev));
    let due = held > 0 && carried && kernel.unicast.is_none();
    match listed {
        None if due => Some(Fault::Unlisted),
        None if kernel.in_table != kernel.unicast => Some(Fault::StaleRoute),
        None if solicited != 0 => Some(Fault::StaleSolicited),
        Some(_) if !due => Some(Fault::Ghost),
        Some(group) if group.users as usize != held => Some(Fault::Miscounted),
        Some(group) if kernel.in_table != Some(group.route) => Some(Fault::BlackHole),
        Some(_) if solicited == 0 => Some(Fault::Unanswered),
        Some(_) if solicited > 1 => Some(Fault::StaleSolicited),
        _ if kernel.told != i8::from(due) => Some(Fault::Mistold),
        _ => None,
    }
}
