// SPDX-License-Identifier: GPL-2.0

//! What the module knows of a device's groups beyond the kernel's list: which there are, published or
//! dormant, and who holds them.
//!
//! The [`index`] says by address which one a group is. Process context, under the publish lock of the
//! device.

use crate::{
    addrconf,
    group::Group,
    groups::By,
    logic::{
        group::Full,
        holders::{
            Holder,
            Holders,
            NotHeld, //
        },
    },
    observe, reconcile,
    roster::Form,
    sys::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        index::{
            self,
            Indexed, //
        },
        inet6_dev::Inet6Dev,
        memory::UNCHARGED,
        net_device::NetDevice,
        trace::GroupEvent, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    alloc::Flags,
    fmt,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        aref::ARef,
        rcu, //
    },
};

/// The groups of a device.
///
/// # Invariants
///
/// The index has each group, under its number here.
pub(crate) struct Ledger {
    groups: KVVec<KBox<Group>>,
}

impl Ledger {
    /// Nobody holds anything.
    pub(crate) fn new() -> Self {
        // INVARIANT: There is no group.
        Self {
            groups: KVVec::new(),
        }
    }

    /// The groups on the list of `idev`, which does not change meanwhile.
    ///
    /// Under RTNL, so that addrconf's part in them is known. Fails with `ENOMEM`.
    pub(crate) fn adopt(idev: &Inet6Dev) -> Result<Self> {
        let mut ledger = Self::new();
        let mut newer: Option<ARef<Acaddr>> = None;
        for listed in listed_groups(idev)? {
            let addr = listed.addr();
            let holders = Holders::adopt(listed.users(), addrconf::needed(idev, &addr));
            let indexed = ledger.enter(idev.device(), &addr, UNCHARGED)?;
            indexed.adopt(&listed, newer.as_deref(), &idev.lock_groups());
            newer = Some(listed.clone());
            let group = Group::adopt(idev.into(), listed, holders, indexed);
            ledger.push(group, UNCHARGED)?;
        }
        Ok(ledger)
    }

    /// One hold more on the group `addr` of `idev`.
    ///
    /// Fails with `ENOMEM`, with `ENOBUFS` when the namespace may have no further group, or with
    /// `EOVERFLOW` when the group can count no more holders; then nothing has changed.
    pub(crate) fn join(&mut self, idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let device = idev.device();
        let form = Form::new(device, addr, by)?;
        let holder = match by {
            By::Addrconf(idev) => Holder::Addrconf {
                needed: addrconf::needed(idev, addr),
            },
            By::Caller(_) => Holder::Caller,
            By::Socket(..) => Holder::Socket,
        };
        let slot = match self.slot(device, addr) {
            Some(slot) => slot,
            None => self.found(idev, addr, by)?,
        };
        let group = self.groups.get_mut(slot).ok_or(ENOENT)?;
        group.join(holder, form)?;
        self.settle(device, slot, GroupEvent::Join);
        Ok(())
    }

    /// One hold fewer on the group `addr` of `device`.
    ///
    /// Fails with `ENOENT` when there is no such hold.
    pub(crate) fn leave(&mut self, device: &NetDevice, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let slot = self.slot(device, addr).ok_or(ENOENT)?;
        let group = self.groups.get_mut(slot).ok_or(ENOENT)?;
        let holder = match by {
            By::Addrconf(idev) => Holder::Addrconf {
                needed: addrconf::needed(idev, addr),
            },
            By::Caller(module) => group.roster.strike_caller(module),
            By::Socket(_, identity) => group.roster.strike_member(&identity),
        };
        group.leave(holder)?;
        self.settle(device, slot, GroupEvent::Leave);
        Ok(())
    }

    /// Is `addr` a group of `device` that somebody other than addrconf holds?
    pub(crate) fn is_claimed(&self, device: &NetDevice, addr: &Ipv6Addr) -> bool {
        self.slot(device, addr)
            .and_then(|slot| self.groups.get(slot))
            .is_some_and(|group| group.holders().beyond_addrconf())
    }

    /// The number of holds on all groups.
    pub(crate) fn holds(&self) -> u64 {
        let users = |group: &KBox<Group>| group.holders().users();
        let counts = self.groups.iter().filter_map(users);
        counts
            .map(|users| u64::from(users.as_raw().unsigned_abs()))
            .sum()
    }

    /// IPv6 has left `device`: addrconf's holds are gone, and nothing can be listed.
    pub(crate) fn ipv6_gone(&mut self, device: &NetDevice) {
        for group in self.groups.iter_mut() {
            group.lose_addrconf();
        }
        // Nothing to be published takes memory.
        let _ = self.settle_all(device);
    }

    /// Makes the world see of each group what it should; to be called when something may have happened
    /// to the groups' routes or to `device`.
    ///
    /// Fails when some of that has to wait (see [`Group::settle()`]); it is to be tried again later.
    pub(crate) fn settle_all(&mut self, device: &NetDevice) -> Result {
        self.settle_some(device, self.groups.len(), self.groups.len())
            .1
    }

    /// [`Ledger::settle_all()`], but for `most` of the first `left` groups alone. Returns also how many are
    /// left then.
    pub(crate) fn settle_some(
        &mut self,
        device: &NetDevice,
        left: usize,
        most: usize,
    ) -> (usize, Result) {
        let end = left.min(self.groups.len());
        let begin = end.saturating_sub(most);
        let mut result = Ok(());
        // From the end, for what is forgotten is replaced by the last.
        for slot in (begin..end).rev() {
            if let Some(group) = self.groups.get_mut(slot) {
                result = result.and(group.settle(device));
            }
            self.forget_unheld(slot);
        }
        (begin, result)
    }

    /// Leaves all groups to C.
    pub(crate) fn hand_back(&mut self, device: &NetDevice) {
        for group in self.groups.iter_mut() {
            if group.hand_back(device).is_err() {
                pr_warn!(
                    "{}: the group {:?} is lost: C keeps none on a device without IPv6\n",
                    device.name(),
                    group.addr(),
                );
            }
        }
    }

    /// Leaves the list as it is to somebody else, who knows nothing of groups that are not on it.
    pub(crate) fn abandon(&self, device: &NetDevice) {
        for group in self.groups.iter().filter(|group| !group.is_published()) {
            pr_warn!(
                "{}: the group {:?} is lost: it was waiting for its device\n",
                device.name(),
                group.addr(),
            );
        }
    }

    /// Tells who holds what; see [`listing::members()`](crate::listing::members).
    pub(crate) fn list(&self, device: &NetDevice, seq: &SeqFile) {
        let (ifindex, name) = (device.ifindex(), device.name());
        for group in self.groups.iter() {
            let addr = group.addr();
            let published = group.is_published();
            let state = if published { "published" } else { "dormant" };
            group.list(|holder: fmt::Arguments<'_>| {
                seq_print!(seq, "{ifindex} {name} {addr:?} {state} {holder}\n");
            });
        }
    }

    /// The number of the group `addr` of `device`, which is ours.
    fn slot(&self, device: &NetDevice, addr: &Ipv6Addr) -> Option<usize> {
        let rcu = rcu::read_lock();
        index::on_device(device, addr, &rcu).map(|entry| entry.slot())
    }

    /// Makes the group `addr` of `idev`, which nobody holds yet. Returns its number.
    fn found(&mut self, idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result<usize> {
        let net = idev.device().net();
        let room = match by {
            By::Addrconf(_) => net.slot(),
            By::Caller(_) | By::Socket(..) => net.slot_if_free()?,
        };
        let unlisted = Unlisted::new(idev, addr, by.memory())?;
        let indexed = self.enter(idev.device(), addr, by.memory())?;
        self.push(Group::new(unlisted, indexed, room), by.memory())
    }

    /// Enters the next group into the index.
    fn enter(&self, device: &NetDevice, addr: &Ipv6Addr, flags: Flags) -> Result<Indexed> {
        Indexed::new(device, addr, self.groups.len(), flags)
    }

    /// Adds a group that has just been entered. Fails with `ENOMEM`; then it is in the index no longer.
    fn push(&mut self, group: Group, flags: Flags) -> Result<usize> {
        let slot = self.groups.len();
        // INVARIANT: It was entered under this number.
        self.groups.push(KBox::new(group, flags)?, flags)?;
        Ok(slot)
    }

    /// Makes the world see of one group what it should, now or later, after somebody joined or left.
    fn settle(&mut self, device: &NetDevice, slot: usize, event: GroupEvent) {
        let Some(group) = self.groups.get_mut(slot) else {
            return;
        };
        observe::group(event, device, &group.addr(), group.holders().users());
        if group.settle(device).is_err() {
            reconcile::later(device.net());
        }
        self.forget_unheld(slot);
    }

    /// Forgets a group that nobody holds.
    fn forget_unheld(&mut self, slot: usize) {
        if self.groups.get(slot).is_none_or(|group| group.is_held()) {
            return;
        }
        let last = self.groups.pop();
        if let (Some(place), Some(mut last)) = (self.groups.get_mut(slot), last) {
            // INVARIANT: The last group has the number of the one that goes.
            last.set_slot(slot);
            *place = last;
        }
    }
}

/// What is on the list of `idev`, youngest first, while nobody changes it.
fn listed_groups(idev: &Inet6Dev) -> Result<KVVec<ARef<Acaddr>>> {
    let count = idev.groups(&rcu::read_lock()).count();
    let mut listed = KVVec::with_capacity(count, GFP_KERNEL)?;
    let rcu = rcu::read_lock();
    for group in idev.groups(&rcu).take(count) {
        // There is room for it.
        let _ = listed.push_within_capacity(group.into());
    }
    Ok(listed)
}

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        EOVERFLOW
    }
}

impl From<NotHeld> for Error {
    fn from(_: NotHeld) -> Self {
        ENOENT
    }
}
