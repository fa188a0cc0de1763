// SPDX-License-Identifier: GPL-2.0

//! A group with holders. Carries out the steps of [`lifecycle`].
//!
//! Process context, under the publish lock of the device.

use super::{
    members::{
        Members,
        Reservation,
        Shown,
        Turn, //
    },
    numbering,
    ownership, //
};
use crate::{
    decide::{
        export,
        holders::{
            Holder,
            Holders, //
        },
        lifecycle::{
            self,
            Observed,
            State,
            Step, //
        },
        users::{
            Entry,
            Users, //
            Vacant,
        },
    },
    publish::{
        self,
        export::Export,
        handover,
        observe, //
        Reach,
    },
    store::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        index::Indexed, //
    },
    sys::{
        inet6_dev::Inet6Dev,
        memory::UNCHARGED,
        module_name::ModuleName,
        net,
        net_device::NetDevice,
        objects::{
            Counted,
            GROUPS, //
        },
        pernet::Room,
        route::Route,
        rtnl::Rtnl,
        trace::GroupEvent, //
    },
};
use core::{
    mem,
    net::Ipv6Addr, //
};
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// A group of a device, and its holders.
///
/// # Invariants
///
/// A published group counts as many users as it has holders, once it is settled.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Group {
    holders: Holders,
    pub(crate) members: Members,
    publication: Publication,
    /// A dormant group has none.
    export: Export,
    indexed: Indexed,
    /// [`None`] after [`Group::give_room()`].
    room: Option<Room>,
    _counted: Counted<GROUPS>,
}

/// Whether and how the group is published.
#[cfg_attr(test, derive(Hash))]
enum Publication {
    /// The group is on the list of `idev`, as `listed`.
    Published {
        idev: ARef<Inet6Dev>,
        listed: ARef<Acaddr>,
        reach: Reach,
    },
    /// The group is not listed. The object to list is kept, so that handing the group back to C
    /// needs no memory.
    Dormant(Unlisted),
}

impl Group {
    /// A new group, dormant and without holders.
    pub(crate) fn new(unlisted: Unlisted, indexed: Indexed, room: Room) -> Self {
        Self {
            holders: Holders::default(),
            members: Members::new(),
            publication: Publication::Dormant(unlisted),
            export: Export::default(),
            indexed,
            room: Some(room),
            _counted: Counted::new(),
        }
    }

    /// A group that C or the transition has left on the list of `idev`. `listening`: its
    /// solicited-node group has been joined.
    pub(crate) fn adopt(
        idev: ARef<Inet6Dev>,
        listed: ARef<Acaddr>,
        listening: bool,
        holders: Holders,
        indexed: Indexed,
    ) -> Self {
        handover::published(idev.device(), &listed.addr());
        let mut group = Self {
            room: Some(idev.device().net().room()),
            holders: Holders::default(),
            members: Members::new(),
            publication: Publication::Published {
                idev,
                listed,
                reach: Reach {
                    routed: true,
                    listening,
                },
            },
            export: Export::default(),
            indexed,
            _counted: Counted::new(),
        };
        group.set_holders(holders);
        group
    }

    /// The anycast address.
    pub(crate) fn addr(&self) -> Ipv6Addr {
        match &self.publication {
            Publication::Published { listed, .. } => listed.addr(),
            Publication::Dormant(unlisted) => unlisted.group().addr(),
        }
    }

    /// The counts of holders.
    pub(crate) fn holders(&self) -> &Holders {
        &self.holders
    }

    /// Adds a holder. Fails with `EOVERFLOW`; nothing has changed then.
    pub(crate) fn join(&mut self, holder: Holder, form: Reservation) -> Result {
        self.set_holders(self.holders.join(holder)?);
        self.members.enter(form);
        Ok(())
    }

    /// Removes a holder. Fails with `ENOENT` when there is no such holder.
    pub(crate) fn leave(&mut self, holder: Holder) -> Result {
        self.set_holders(self.holders.leave(holder)?);
        Ok(())
    }

    /// Gives the place of a group without holders in its namespace to others: it cannot be removed
    /// yet.
    pub(crate) fn give_room(&mut self) {
        if !self.is_held() {
            self.room = None;
        }
    }

    /// Takes a place in the namespace again, before the group gets a holder. Fails as `room` does.
    pub(crate) fn take_room(&mut self, room: impl FnOnce() -> Result<Room>) -> Result {
        if self.room.is_none() {
            self.room = Some(room()?);
        }
        Ok(())
    }

    /// IPv6 has left the device: drops addrconf's holds.
    pub(crate) fn lose_addrconf(&mut self) {
        self.set_holders(self.holders.without_addrconf());
    }

    /// The first holder at `turn` or after it, with its turn.
    pub(crate) fn holder_from(&self, turn: Turn) -> Option<(Turn, Shown)> {
        match (turn, self.holders.addrconf(), self.holders.adopted()) {
            (Turn::Addrconf, addrconf @ 1.., _) => Some((turn, Shown::Addrconf(addrconf))),
            (Turn::Addrconf | Turn::Adopted, _, adopted @ 1..) => {
                Some((Turn::Adopted, Shown::Adopted(adopted)))
            }
            (Turn::Addrconf | Turn::Adopted, _, 0) => {
                self.members.caller_from(&ModuleName::FIRST, 0)
            }
            (Turn::Caller(module, nth), ..) => self.members.caller_from(&module, nth),
            (Turn::Member(identity), ..) => self.members.member_from(&identity),
        }
    }

    /// Whether the group has a holder. A group without one is removed once it is settled.
    pub(crate) fn is_held(&self) -> bool {
        self.holders.users().is_some()
    }

    /// Whether the group is published.
    pub(crate) fn is_published(&self) -> bool {
        self.state() == State::Published
    }

    /// The state of the group on `device` as shown to users: ABI.
    pub(crate) fn condition(&self, device: &NetDevice) -> &'static str {
        match self.state() {
            State::Published => "published",
            State::Dormant if self.yields(device) => "yielding",
            State::Dormant if !self.is_wanted(device) => "off",
            State::Dormant => "dormant",
        }
    }

    /// Whether the group yields: `device` has its address as a unicast address or is about to get
    /// it, and addrconf is not the only holder.
    fn yields(&self, device: &NetDevice) -> bool {
        self.holders.beyond_addrconf() && numbering::has(device, &self.addr())
    }

    /// Whether the group is not just addrconf's, or the namespace of `device` wants those, too.
    fn is_wanted(&self, device: &NetDevice) -> bool {
        self.holders.beyond_addrconf() || device.net().settings().subnet_router()
    }

    /// Restores the route of the unicast address that the group yields to on `device`, yielded to when
    /// its last holder left, or shared until it was switched off. If a router advertisement added the address while the group was
    /// published, the group's route kept out the address's own.
    pub(crate) fn serve_unicast(&self, device: &NetDevice, rtnl: &Rtnl) {
        if !self.yields(device) && !self.has_to_serve(device) {
            return;
        }
        if let Some(idev) = device.ipv6() {
            idev.restore_route(&self.addr(), rtnl);
        }
    }

    /// Whether the group has no holder or is switched off, but [`Group::serve_unicast()`] has to be
    /// called, in the first case before it is removed.
    pub(crate) fn has_to_serve(&self, device: &NetDevice) -> bool {
        let over = !self.is_held() || !self.is_wanted(device);
        over && device.has_address(&self.addr())
    }

    /// Brings the publication of the group on `device` into line with its holders and the device.
    ///
    /// Fails with `ENOMEM` when the caller has to retry later.
    pub(crate) fn settle(&mut self, device: &NetDevice) -> Result {
        self.count();
        // A device may change between the first look and the step, when its event is too early to
        // find anything. Hence the second look. No third is needed: any later change has its own
        // event.
        for _ in 0..2 {
            let sight = self.sight(device);
            match lifecycle::step(self.state(), sight) {
                None => break,
                Some(Step::Publish) => self.publish(device)?,
                Some(Step::Repair) => self.repair(device)?,
                Some(Step::Suspend) => {
                    self.suspend(device, GroupEvent::Dormant, sight);
                    if sight.yields {
                        observe::yielded(device);
                    }
                }
                Some(Step::Withdraw) => self.suspend(device, GroupEvent::Withdraw, sight),
            }
        }
        Ok(())
    }

    /// Hands the group back to C, which lists every group that is held. A group that yields to a
    /// unicast address is listed without a route, which would take the packets of the address.
    ///
    /// Fails with `ENODEV` when `device` has no IPv6, and so no list. Needs no memory.
    pub(crate) fn hand_back(&mut self, device: &NetDevice) -> Result {
        self.unexport(device);
        let show = match self.yields(device) {
            true => publish::publish_unrouted,
            false => publish::publish,
        };
        let Publication::Dormant(unlisted) = &mut self.publication else {
            if self.is_listed() {
                // The last chance: C takes it for granted. On a device without solicitations C
                // neither joins nor leaves the solicited-node group.
                let _ = self.listen();
            }
            return Ok(());
        };
        let idev = device.ipv6().ok_or(ENODEV)?;
        // If there is no memory for a new route, the old one is used.
        let _ = unlisted.refresh(&idev);
        self.appear(idev, show)
    }

    /// Ends the export of the group, before the host stops answering for it.
    pub(crate) fn unexport(&mut self, device: &NetDevice) {
        // Nobody shall restore the route.
        self.indexed.set_exported(false);
        self.export.end(device.net());
    }

    fn set_holders(&mut self, holders: Holders) {
        self.indexed.set_adopted(holders.adopted() > 0);
        self.holders = holders;
    }

    fn state(&self) -> State {
        match self.publication {
            Publication::Published { .. } => State::Published,
            Publication::Dormant(_) => State::Dormant,
        }
    }

    fn sight(&self, device: &NetDevice) -> Observed {
        let (carried, reachable) = match &self.publication {
            Publication::Published {
                idev,
                listed,
                reach,
            } => (
                idev.carries(),
                hears(idev, reach) && listed.route().is_in_table(),
            ),
            Publication::Dormant(_) => (device.ipv6().is_some_and(|idev| idev.carries()), false),
        };
        Observed {
            held: self.is_held(),
            carried,
            wanted: self.is_wanted(device),
            yields: self.yields(device),
            reachable,
            exported: self.export.table() == self.export_table(device),
        }
    }

    /// The table to which the group is to be exported while it is published.
    fn export_table(&self, device: &NetDevice) -> Option<u32> {
        export::table(&self.addr(), device.net().settings().export_table())
    }

    /// Updates the user count on the listed object, for C and `/proc`.
    fn count(&mut self) {
        let (Publication::Published { idev, listed, .. }, Some(users)) =
            (&self.publication, self.holders.users())
        else {
            return;
        };
        if listed.users() == users {
            return;
        }
        let groups = idev.lock_groups();
        if groups.has(listed) {
            listed.set_users(users, &groups);
            return;
        }
        drop(groups);
        ownership::lost(idev.device(), &listed.addr());
    }

    fn publish(&mut self, device: &NetDevice) -> Result {
        let (Publication::Dormant(unlisted), Some(idev)) = (&mut self.publication, device.ipv6())
        else {
            return Ok(());
        };
        unlisted.refresh(&idev)?;
        match self.appear(idev, publish::publish) {
            Ok(()) => {
                let users = self.holders.users();
                observe::group(GroupEvent::Publish, device, &self.addr(), users);
                handover::published(device, &self.addr());
            }
            Err(err) if err == EEXIST => ownership::lost(device, &self.addr()),
            // IPv6 has just left the device.
            Err(_) => (),
        }
        Ok(())
    }

    /// Lists the dormant group on `idev`, if it has a holder, and publishes it with `show`.
    ///
    /// Fails with `ENODEV` when IPv6 has left the device, or with `EEXIST` when another party has
    /// listed the group. A lack of memory is not an error.
    fn appear(&mut self, idev: ARef<Inet6Dev>, show: fn(&Inet6Dev, &Acaddr) -> Reach) -> Result {
        let (Publication::Dormant(unlisted), Some(users)) =
            (&self.publication, self.holders.users())
        else {
            return Ok(());
        };
        let listed = list(&idev, unlisted, users)?;
        let reach = show(&idev, &listed);
        self.publication = Publication::Published {
            idev,
            listed,
            reach,
        };
        Ok(())
    }

    /// Whether the group is published and still on the list.
    fn is_listed(&self) -> bool {
        match &self.publication {
            Publication::Published { idev, listed, .. } => idev.lock_groups().has(listed),
            Publication::Dormant(_) => false,
        }
    }

    fn repair(&mut self, device: &NetDevice) -> Result {
        if !self.is_listed() {
            ownership::lost(device, &self.addr());
            return Ok(());
        }
        self.listen()?;
        self.reroute()?;
        self.export(device)
    }

    /// Exports the group as its namespace asks. If an equal route is in the way it has to go first.
    fn export(&mut self, device: &NetDevice) -> Result {
        let table = self.export_table(device);
        if self.export.table() == table {
            return Ok(());
        }
        self.unexport(device);
        let Some(table) = table else {
            return Ok(());
        };
        self.indexed.set_exported(true);
        match self.export.begin(device, &self.addr(), table) {
            Err(err) if err == EEXIST => Ok(()),
            begun => begun,
        }
    }

    fn listen(&mut self) -> Result {
        let Publication::Published {
            idev,
            listed,
            reach,
        } = &mut self.publication
        else {
            return Ok(());
        };
        if !reach.listening {
            reach.listening = idev.join_solicited_node(&listed.addr())?;
        }
        Ok(())
    }

    fn reroute(&mut self) -> Result {
        let Publication::Published {
            idev,
            listed,
            reach,
        } = &mut self.publication
        else {
            return Ok(());
        };
        if listed.route().is_in_table() {
            return Ok(());
        }
        // A route that has left its table cannot be inserted again, and a listed group never
        // changes its route, as readers may be looking at it. So replace both.
        let fresh = Unlisted::new(idev, &listed.addr(), UNCHARGED)?;
        let net = idev.device().net();
        match fresh.route().insert(net) {
            Err(err) if err == EEXIST => return Ok(()),
            inserted => inserted?,
        }
        if !replace(idev, listed, &fresh) {
            let _ = Route::delete(fresh.route().clone(), net);
            ownership::lost(idev.device(), &listed.addr());
            return Ok(());
        }
        // Joining or leaving a VRF removes the route as well.
        let same_table = listed.route().table() == fresh.route().table();
        *listed = fresh.group().into();
        // Otherwise this is the first route: there was no memory for one until now.
        if !mem::replace(&mut reach.routed, true) {
            return Ok(());
        }
        observe::reconciled(idev.device());
        if same_table && net::may_log() {
            pr_info!(
                "{}: the route of the held group {:?} was deleted; put back\n",
                idev.device().name(),
                listed.addr(),
            );
        }
        Ok(())
    }

    fn suspend(&mut self, device: &NetDevice, event: GroupEvent, sight: Observed) {
        self.unexport(device);
        let Publication::Published {
            idev,
            listed,
            reach,
        } = &self.publication
        else {
            return;
        };
        let Some(mut unlisted) = idev.lock_groups().remove(listed) else {
            ownership::lost(idev.device(), &listed.addr());
            return;
        };
        publish::withdraw(idev, &unlisted, reach.listening);
        handover::withdrawn(idev.device(), &listed.addr(), sight.is_for_others());
        if self.is_held() {
            unlisted.keep();
        }
        observe::group(event, idev.device(), &listed.addr(), self.holders.users());
        self.publication = Publication::Dormant(unlisted);
    }
}

/// Whether the host has joined the solicited-node group, where it has to.
fn hears(idev: &Inet6Dev, reach: &Reach) -> bool {
    reach.listening || !idev.device().solicits()
}

/// Lists a group on `idev`. Fails as [`Group::appear()`] does.
fn list(idev: &Inet6Dev, unlisted: &Unlisted, users: Users) -> Result<ARef<Acaddr>> {
    let addr: Ipv6Addr = unlisted.group().addr();
    let mut groups = idev.lock_groups();
    if groups.is_dead() {
        return Err(ENODEV);
    }
    unlisted.group().set_users(users, &groups);
    match groups.entry(&addr) {
        Entry::Vacant(place) => Ok(place.insert(unlisted)),
        Entry::Occupied(_) => Err(EEXIST),
    }
}

/// Replaces `listed` by `fresh` on the list. Returns whether `listed` was on it.
fn replace(idev: &Inet6Dev, listed: &Acaddr, fresh: &Unlisted) -> bool {
    let mut groups = idev.lock_groups();
    fresh.group().set_users(listed.users(), &groups);
    // Drop the replaced object after the lock.
    let old = groups.replace(listed, fresh);
    drop(groups);
    old.is_some()
}
