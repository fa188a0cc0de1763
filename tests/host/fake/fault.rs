// SPDX-License-Identifier: GPL-2.0

//! What a group must not be.

use super::world::World;
use crate::decide::{lifecycle::Condition, service::GRACE};

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
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
    /// RTNL is held by nobody.
    Locked,
    /// A reference too few, or a look at what is gone.
    References,
    /// What nobody refers to has not gone.
    Leaked,
    /// A packet to a held group found none.
    LostPacket,
    /// Exported and not listed, or to another table than the namespace's.
    StaleExport,
    /// Listed and not exported, where it should be.
    Unexported,
    /// Suspended or draining, and nobody has asked for it; or no longer, and it still shows.
    Unasked,
    /// Draining when the drain is over.
    Overdue,
    /// The module's own notifications say something else than there is.
    Misreported,
    /// Somebody sleeps under `idev->lock`.
    Sleeps,
    /// The module thinks that somebody else is at work.
    Disowned,
}

/// What no moment may show.
pub(crate) fn meanwhile(world: &World) -> Option<Fault> {
    let listed = world.idevs.iter().filter_map(|idev| idev.listed);
    if world.exported.is_some() && listed.clone().next().is_none() {
        return Some(Fault::StaleExport);
    }
    if !(0..=1).contains(&world.told) {
        return Some(Fault::Mistold);
    }
    for group in listed {
        if world.groups[group].users < 1 {
            return Some(Fault::Miscounted);
        }
    }
    None
}

/// What may not be when nobody is at work on the group.
pub(crate) fn of_quiet(world: &World) -> Option<Fault> {
    let gone = world.idevs.iter().filter(|idev| idev.dead);
    if gone
        .into_iter()
        .any(|idev| idev.listed.is_some() || idev.solicited != 0)
    {
        return Some(Fault::LeftBehind);
    }
    if world.rtnl {
        return Some(Fault::Locked);
    }

    let held = world.memberships();
    let idev = world.ipv6.map(|idev| &world.idevs[idev]);
    let listed = idev.and_then(|idev| idev.listed);
    let solicited = idev.map_or(0, |idev| idev.solicited);
    if world.unicast.is_some() && world.agreed && world.privileged && held > 0 {
        return Some(Fault::BothWon);
    }
    if world.unicast.is_some() && world.in_table != world.unicast {
        return Some(Fault::Unserved);
    }
    let is = |condition: Condition| world.state == Some(condition as u32);
    let (suspended, draining) = (is(Condition::Suspended), is(Condition::Draining));
    if (suspended || draining) && !world.asked {
        return Some(Fault::Unasked);
    }
    if draining && world.now > GRACE {
        return Some(Fault::Overdue);
    }
    let hidden = suspended || is(Condition::Dormant) || is(Condition::Yielding);
    if world.state.is_some() && (hidden == listed.is_some() || held == 0) {
        return Some(Fault::Misreported);
    }
    let exported = world.exported.map_or(0, |route| world.routes[route].export);
    let wanted = if draining { 0 } else { world.export_table };
    match (listed, wanted) {
        (Some(_), wanted) if exported == wanted => (),
        (Some(_), 1..) if exported == 0 => return Some(Fault::Unexported),
        (None, _) if exported == 0 => (),
        _ => return Some(Fault::StaleExport),
    }
    let carried = world.ipv6.is_some_and(|idev| world.carries(idev));
    let due = held > 0 && carried && world.unicast.is_none() && !suspended;
    match listed {
        None if due => Some(Fault::Unlisted),
        None if world.in_table != world.unicast => Some(Fault::StaleRoute),
        None if solicited != 0 => Some(Fault::StaleSolicited),
        Some(_) if !due => Some(Fault::Ghost),
        Some(group) if world.groups[group].users as usize != held => Some(Fault::Miscounted),
        Some(group) if world.in_table != Some(world.groups[group].route) => Some(Fault::BlackHole),
        Some(_) if solicited == 0 && !draining => Some(Fault::Unanswered),
        Some(_) if solicited > u8::from(!draining) => Some(Fault::StaleSolicited),
        _ if world.told != i8::from(due) => Some(Fault::Mistold),
        None if held == 0 && world.groups.iter().any(|group| group.references > 0) => {
            Some(Fault::Leaked)
        }
        _ => None,
    }
}
