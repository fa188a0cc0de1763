// SPDX-License-Identifier: GPL-2.0

//! A group that somebody holds: does what [`lifecycle`] says.
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

/// A group of a device, and who holds it.
///
/// # Invariants
///
/// A published group counts as many users as it has holders, once it is settled.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Group {
    holders: Holders,
    pub(crate) members: Members,
    publication: Publication,
    indexed: Indexed,
    _room: Room,
    _counted: Counted<GROUPS>,
}

/// What the world sees of a group.
#[cfg_attr(test, derive(Hash))]
enum Publication {
    /// It is on the list of `idev`, as `listed`.
    Published {
        idev: ARef<Inet6Dev>,
        listed: ARef<Acaddr>,
        reach: Reach,
    },
    /// Nothing. What it takes to list it is kept, so that handing it back to C needs no memory.
    Dormant(Unlisted),
}

impl Group {
    /// A new group, nowhere published, that nobody holds yet.
    pub(crate) fn new(unlisted: Unlisted, indexed: Indexed, room: Room) -> Self {
        Self {
            holders: Holders::default(),
            members: Members::new(),
            publication: Publication::Dormant(unlisted),
            indexed,
            _room: room,
            _counted: Counted::new(),
        }
    }

    /// A group that C or the transition has left on the list of `idev`, and for which it has joined the
    /// solicited-node group if `listening`.
    pub(crate) fn adopt(
        idev: ARef<Inet6Dev>,
        listed: ARef<Acaddr>,
        listening: bool,
        holders: Holders,
        indexed: Indexed,
    ) -> Self {
        let mut group = Self {
            _room: idev.device().net().room(),
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

    /// The holds on the group.
    pub(crate) fn holders(&self) -> &Holders {
        &self.holders
    }

    /// One hold more. Fails with `EOVERFLOW`; then nothing has changed.
    pub(crate) fn join(&mut self, holder: Holder, form: Reservation) -> Result {
        self.set_holders(self.holders.join(holder)?);
        self.members.enter(form);
        Ok(())
    }

    /// One hold fewer. Fails with `ENOENT` when there is no such hold.
    pub(crate) fn leave(&mut self, holder: Holder) -> Result {
        self.set_holders(self.holders.leave(holder)?);
        Ok(())
    }

    /// IPv6 has left the device, and with it what addrconf held the group for.
    pub(crate) fn lose_addrconf(&mut self) {
        self.set_holders(self.holders.without_addrconf());
    }

    /// Who holds the group, from `turn` on, and whose turn that is.
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

    /// Does anybody hold the group? If not, it is to be forgotten once it is settled.
    pub(crate) fn is_held(&self) -> bool {
        self.holders.users().is_some()
    }

    /// Does the world see the group?
    pub(crate) fn is_published(&self) -> bool {
        self.state() == State::Published
    }

    /// What an operator is told of the group, which is on `device`: ABI.
    pub(crate) fn condition(&self, device: &NetDevice) -> &'static str {
        match self.state() {
            State::Published => "published",
            State::Dormant if self.yields(device) => "yielding",
            State::Dormant => "dormant",
        }
    }

    /// Has the group to leave its address to `device`, which has it as a unicast address or is about
    /// to? Not if addrconf alone holds it.
    fn yields(&self, device: &NetDevice) -> bool {
        self.holders.beyond_addrconf() && numbering::has(device, &self.addr())
    }

    /// Sees to it that the address that the group yields to on `device` is delivered: if that came while
    /// the group was published, by router advertisement, the group's route kept its own away.
    pub(crate) fn serve_unicast(&self, device: &NetDevice, rtnl: &Rtnl) {
        if let Some(idev) = device.ipv6().filter(|_| self.yields(device)) {
            idev.restore_route(&self.addr(), rtnl);
        }
    }

    /// Makes the world see of the group, which is on `device`, what it should.
    ///
    /// Fails with `ENOMEM` when that has to be tried again later.
    pub(crate) fn settle(&mut self, device: &NetDevice) -> Result {
        self.count();
        // A device may change between the first look and the step, when that is too early for its
        // event to find something. So there is a second look, but no third: any later change has its
        // event.
        for _ in 0..2 {
            let sight = self.sight(device);
            match lifecycle::step(self.state(), sight) {
                None => break,
                Some(Step::Publish) => self.publish(device)?,
                Some(Step::Repair) => self.repair(device)?,
                Some(Step::Suspend) => {
                    self.suspend(GroupEvent::Dormant);
                    if sight.yields {
                        observe::yielded(device);
                    }
                }
                Some(Step::Withdraw) => self.suspend(GroupEvent::Withdraw),
            }
        }
        Ok(())
    }

    /// Leaves the group to C, which lists what is held, come what may. One that yields to a unicast
    /// address is listed without a route, for that would take the packets of the address.
    ///
    /// Fails with `ENODEV` when `device` has no IPv6 and so no list. Needs no memory.
    pub(crate) fn hand_back(&mut self, device: &NetDevice) -> Result {
        let show = match self.yields(device) {
            true => publish::publish_unrouted,
            false => publish::publish,
        };
        let Publication::Dormant(unlisted) = &mut self.publication else {
            if self.is_listed() {
                // The last chance: C takes it for granted. Where nobody solicits it neither joins nor leaves.
                let _ = self.listen();
            }
            return Ok(());
        };
        let idev = device.ipv6().ok_or(ENODEV)?;
        // Without memory for a new route, the old one does.
        let _ = unlisted.refresh(&idev);
        self.appear(idev, show)
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
            yields: self.yields(device),
            reachable,
        }
    }

    /// Shows the number of holders to C and `/proc`.
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
            }
            Err(err) if err == EEXIST => ownership::lost(device, &self.addr()),
            // IPv6 has left the device a moment ago.
            Err(_) => (),
        }
        Ok(())
    }

    /// Lists the dormant group, which somebody holds, on `idev`, and makes the host answer for it in the
    /// way that `show` does.
    ///
    /// Fails with `ENODEV` when IPv6 has left the device, or with `EEXIST` when somebody else has listed it.
    /// Takes no memory that it cannot do without.
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

    /// Is the group, which is published, where it was left?
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
        self.reroute()
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
        // A route that has left its table is spoilt, and a group never changes its route while
        // others may look at it. So it takes a new one of both.
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
        // A VRF that the device joins or leaves takes the route away as well.
        let same_table = listed.route().table() == fresh.route().table();
        *listed = fresh.group().into();
        // Otherwise there was no memory for a route until now.
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

    fn suspend(&mut self, event: GroupEvent) {
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
        if self.is_held() {
            unlisted.keep();
        }
        observe::group(event, idev.device(), &listed.addr(), self.holders.users());
        self.publication = Publication::Dormant(unlisted);
    }
}

/// Does the host listen for a group of `idev`, where there is anything to hear?
fn hears(idev: &Inet6Dev, reach: &Reach) -> bool {
    reach.listening || !idev.device().solicits()
}

/// Lists a group on `idev`. Fails as [`Group::appear()`] says.
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

/// Puts `fresh` in the place of `listed`. Says whether it was there.
fn replace(idev: &Inet6Dev, listed: &Acaddr, fresh: &Unlisted) -> bool {
    let mut groups = idev.lock_groups();
    fresh.group().set_users(listed.users(), &groups);
    // What is replaced goes after the lock.
    let old = groups.replace(listed, fresh);
    drop(groups);
    old.is_some()
}
