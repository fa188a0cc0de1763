// SPDX-License-Identifier: GPL-2.0

//! A group with holders. Carries out the steps of [`lifecycle`].
//!
//! Process context, under the publish lock of the device.

use super::{
    members::{
        self,
        Members,
        Reservation,
        Turn, //
    },
    numbering,
    ownership,
    publication::{
        Publication,
        Published, //
    },
    user_order::UserOrder, //
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
            Condition,
            Observed,
            State,
            Step, //
        },
        service::{
            Asker,
            Phase,
            Refusal,
            Service, //
        },
        users::Users, //
    },
    publish::{
        self,
        export::Export,
        handover,
        monitor::{
            self,
            Report, //
        },
        observe, //
    },
    store::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        index::Indexed, //
    },
    sys::{
        clock,
        inet6_dev::Inet6Dev,
        module_name::ModuleName,
        net_device::NetDevice,
        objects::{
            Counted,
            GROUPS, //
        },
        pernet::Room,
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
    sync::aref::ARef,
    task::Kuid, //
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
    service: Service<Kuid>,
    /// The group is being handed over while it drains.
    parting: bool,
    publication: Publication,
    /// A group that is not published has none.
    export: Export,
    /// The state that users were last told of, and since when it has been so.
    told: (Condition, u64),
    indexed: Indexed,
    /// [`None`] after [`Group::give_room()`].
    room: Option<Room>,
    _counted: Counted<GROUPS>,
}

impl Group {
    /// A new group, dormant and without holders.
    pub(crate) fn new(unlisted: Unlisted, indexed: Indexed, room: Room) -> Self {
        Self {
            holders: Holders::default(),
            members: Members::new(),
            service: Service::new(),
            parting: false,
            publication: Publication::Dormant(unlisted),
            export: Export::default(),
            told: (Condition::Dormant, clock::now()),
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
            service: Service::new(),
            parting: false,
            publication: Publication::Published(Published::adopt(idev, listed, listening)),
            export: Export::default(),
            told: (Condition::Published, clock::now()),
            indexed,
            _counted: Counted::new(),
        };
        group.set_holders(holders);
        group
    }

    /// The anycast address.
    pub(crate) fn addr(&self) -> Ipv6Addr {
        self.publication.addr()
    }

    /// The counts of holders.
    pub(crate) fn holders(&self) -> &Holders {
        &self.holders
    }

    /// Adds a holder. Fails with `EOVERFLOW`; nothing has changed then.
    pub(crate) fn join(&mut self, holder: Holder, form: Reservation) -> Result {
        self.set_holders(self.holders.join(holder)?);
        self.service = self.service.joined(form.user());
        self.members.enter(form);
        Ok(())
    }

    /// Removes a holder. Fails with `ENOENT` when there is no such holder.
    pub(crate) fn leave(&mut self, holder: Holder) -> Result {
        self.set_holders(self.holders.leave(holder)?);
        self.service = self.service.left(|user| self.members.has(user));
        Ok(())
    }

    /// Carries out what a user asks for, from the next [`Group::settle()`] on.
    pub(crate) fn order(
        &mut self,
        UserOrder {
            order,
            user,
            privileged,
        }: UserOrder,
    ) -> Result<(), Refusal> {
        let asker = Asker {
            user,
            privileged,
            holds: self.members.has(user),
            alone: self.holders.sockets_only() && self.members.are_all(user),
        };
        self.service = self.service.ordered(order, &asker, clock::now())?;
        Ok(())
    }

    /// When the group has to be settled without any event.
    pub(crate) fn due(&self) -> Option<u64> {
        self.service.due(clock::now())
    }

    /// What users may know of the group on `device`.
    pub(crate) fn report(&self, device: &NetDevice) -> Report {
        let now = clock::now();
        let (told, since) = self.told;
        let state = self.condition(device);
        Report {
            ifindex: device.ifindex(),
            device: device.name(),
            addr: self.addr(),
            state,
            since: if state == told {
                now.saturating_sub(since)
            } else {
                0
            },
            holders: self.holders.users().map_or(0, Users::as_raw),
            peer: handover::peer(device, &self.addr()),
            drain: self
                .service
                .drain_left(now)
                .filter(|_| state == Condition::Draining),
            lease: self.service.lease_left(now),
        }
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
    pub(crate) fn holder_from(&self, turn: Turn) -> Option<(Turn, members::Shown)> {
        match (turn, self.holders.addrconf(), self.holders.adopted()) {
            (Turn::Addrconf, addrconf @ 1.., _) => Some((turn, members::Shown::Addrconf(addrconf))),
            (Turn::Addrconf | Turn::Adopted, _, adopted @ 1..) => {
                Some((Turn::Adopted, members::Shown::Adopted(adopted)))
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

    /// Whether the group is on a list.
    pub(crate) fn is_visible(&self) -> bool {
        self.state() != State::Dormant
    }

    /// The state of the group on `device` as shown to users.
    pub(crate) fn condition(&self, device: &NetDevice) -> Condition {
        lifecycle::condition(self.state(), || self.sight(device))
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
        if let (Some(published), Some(users)) = (self.publication.published(), self.holders.users())
        {
            published.count(users);
        }
        // A device may change between the first look and the step, when its event is too early to
        // find anything. Hence the second look. No third step is needed: any later change has its own
        // event.
        let mut sight = self.sight(device);
        for _ in 0..2 {
            let Some(step) = lifecycle::step(self.state(), sight) else {
                break;
            };
            self.take(step, device, sight)?;
            sight = self.sight(device);
        }
        self.part(device, sight);
        self.tell(device, sight);
        Ok(())
    }

    fn take(&mut self, step: Step, device: &NetDevice, sight: Observed) -> Result {
        match step {
            Step::Publish => self.publish(device),
            Step::Drain => {
                self.drain(device);
                Ok(())
            }
            Step::Resume => self.resume(device),
            Step::Repair => self.repair(device),
            Step::Hide => {
                self.hide(device, GroupEvent::Dormant, sight);
                observe::hidden(device, lifecycle::condition(self.state(), || sight));
                Ok(())
            }
            Step::Withdraw => {
                self.hide(device, GroupEvent::Withdraw, sight);
                Ok(())
            }
        }
    }

    /// When a drain is over the neighbours are shown the peer while the host still serves them, unless it
    /// has been taken back.
    fn part(&mut self, device: &NetDevice, sight: Observed) {
        let parting = self.state() == State::Draining && sight.phase == Phase::Parting;
        if mem::replace(&mut self.parting, parting) == parting {
            return;
        }
        if parting {
            handover::withdrawn(device, &self.addr(), sight.is_for_others());
        } else if self.state() == State::Draining {
            handover::published(device, &self.addr());
            handover::draining(device, &self.addr());
        }
    }

    /// Tells users of a new state.
    fn tell(&mut self, device: &NetDevice, sight: Observed) {
        let condition = lifecycle::condition(self.state(), || sight);
        if self.is_held() && condition != self.told.0 {
            self.told = (condition, clock::now());
            monitor::changed(device, || self.report(device));
        }
    }

    /// Hands the group back to C, which lists every group that is held. A group that yields to a
    /// unicast address is listed without a route, which would take the packets of the address.
    ///
    /// Fails with `ENODEV` when `device` has no IPv6, and so no list. Needs no memory.
    pub(crate) fn hand_back(&mut self, device: &NetDevice) -> Result {
        self.unexport(device);
        self.unwish(device);
        let show = match self.yields(device) {
            true => publish::publish_unrouted,
            false => publish::publish,
        };
        let listed = self.publication.is_listed();
        match (&mut self.publication, self.holders.users()) {
            (Publication::Published(published), _) => {
                if listed {
                    published.resume();
                    // The last chance: C takes it for granted. On a device without solicitations C
                    // neither joins nor leaves the solicited-node group.
                    let _ = published.listen();
                }
                Ok(())
            }
            (Publication::Dormant(unlisted), Some(users)) => {
                let idev = device.ipv6().ok_or(ENODEV)?;
                // If there is no memory for a new route, the old one is used.
                let _ = unlisted.refresh(&idev);
                self.publication.appear(idev, users, show)
            }
            (Publication::Dormant(_), None) => Ok(()),
        }
    }

    /// C knows neither drains nor suspensions, and every holder relies on the group.
    fn unwish(&mut self, device: &NetDevice) {
        if self.phase() != Phase::Serving {
            pr_info!(
                "{}: the group {:?} is {} no longer: C serves it again\n",
                device.name(),
                self.addr(),
                self.condition(device).name(),
            );
        }
        self.service = Service::new();
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
        self.publication.state()
    }

    fn phase(&self) -> Phase {
        match self.service.is_idle() {
            true => Phase::Serving,
            false => self.service.phase(clock::now()),
        }
    }

    fn sight(&self, device: &NetDevice) -> Observed {
        let published = self.publication.published();
        let carried = match published {
            Some(published) => published.idev().carries(),
            None => device.ipv6().is_some_and(|idev| idev.carries()),
        };
        Observed {
            held: self.is_held(),
            carried,
            wanted: self.is_wanted(device),
            yields: self.yields(device),
            phase: self.phase(),
            reachable: published.is_some_and(Published::is_reachable),
            exported: self.export.table() == self.export_table(device),
        }
    }

    /// The table to which the group is to be exported while it is published.
    fn export_table(&self, device: &NetDevice) -> Option<u32> {
        if self.phase() != Phase::Serving {
            return None;
        }
        export::table(&self.addr(), device.net().settings().export_table())
    }

    fn publish(&mut self, device: &NetDevice) -> Result {
        let (Publication::Dormant(unlisted), Some(users), Some(idev)) =
            (&mut self.publication, self.holders.users(), device.ipv6())
        else {
            return Ok(());
        };
        unlisted.refresh(&idev)?;
        match self.publication.appear(idev, users, publish::publish) {
            Ok(()) => {
                observe::group(GroupEvent::Publish, device, &self.addr(), Some(users));
                handover::published(device, &self.addr());
            }
            Err(err) if err == EEXIST => ownership::lost(device, &self.addr()),
            // IPv6 has just left the device.
            Err(_) => (),
        }
        Ok(())
    }

    fn drain(&mut self, device: &NetDevice) {
        self.unexport(device);
        if !self.publication.is_listed() {
            ownership::lost(device, &self.addr());
        } else if let Some(published) = self.publication.published_mut() {
            published.drain();
            handover::draining(device, &self.addr());
            observe::draining(device);
        }
    }

    fn resume(&mut self, device: &NetDevice) -> Result {
        if let Some(published) = self.publication.published_mut() {
            published.resume();
        }
        handover::published(device, &self.addr());
        self.repair(device)
    }

    fn repair(&mut self, device: &NetDevice) -> Result {
        if !self.publication.is_listed() {
            ownership::lost(device, &self.addr());
            return Ok(());
        }
        if let Some(published) = self.publication.published_mut() {
            published.listen()?;
            published.reroute()?;
        }
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

    fn hide(&mut self, device: &NetDevice, event: GroupEvent, sight: Observed) {
        self.unexport(device);
        let published = self.publication.published();
        let Some(mut unlisted) = published.and_then(Published::withdraw) else {
            return;
        };
        handover::withdrawn(device, &self.addr(), sight.is_for_others());
        if self.is_held() {
            unlisted.keep();
        }
        observe::group(event, device, &self.addr(), self.holders.users());
        self.publication = Publication::Dormant(unlisted);
    }
}
