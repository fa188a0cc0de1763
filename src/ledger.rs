// SPDX-License-Identifier: GPL-2.0

//! What the module knows of a device's groups beyond the kernel's list: which there are, published or
//! dormant, and who holds them.
//!
//! Process context, under the publish lock of the device.

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
    roster::{
        Form,
        Roster, //
    },
    sys::{
        acaddr::{
            Acaddr,
            Unlisted, //
        },
        inet6_dev::Inet6Dev,
        net_device::NetDevice,
        trace::GroupEvent, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    fmt,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNode, //
    },
    seq_file::SeqFile,
    seq_print,
    sync::{
        aref::ARef,
        rcu, //
    },
};

/// The groups of a device.
pub(crate) struct Ledger {
    groups: RBTree<Ipv6Addr, Group>,
    roster: Roster,
}

impl Ledger {
    /// Nobody holds anything.
    pub(crate) fn new() -> Self {
        Self {
            groups: RBTree::new(),
            roster: Roster::new(),
        }
    }

    /// The groups on the list of `idev`, which does not change meanwhile.
    ///
    /// Under RTNL, so that addrconf's part in them is known. Fails with `ENOMEM`.
    pub(crate) fn adopt(idev: &Inet6Dev) -> Result<Self> {
        let mut ledger = Self::new();
        for listed in listed_groups(idev)? {
            let addr = listed.addr();
            let holders = Holders::adopt(listed.users(), addrconf::needed(idev, &addr));
            let group = Group::adopt(idev.into(), listed, holders);
            let _ = ledger
                .groups
                .try_create_and_insert(addr, group, GFP_KERNEL)?;
        }
        Ok(ledger)
    }

    /// One hold more on the group `addr` of `idev`.
    ///
    /// Fails with `ENOMEM`, or with `EOVERFLOW` when the group can count no more; then nothing has
    /// changed.
    pub(crate) fn join(&mut self, idev: &Inet6Dev, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let form = Form::new(idev.device(), addr, by)?;
        let holder = match by {
            By::Addrconf(idev) => Holder::Addrconf {
                needed: addrconf::needed(idev, addr),
            },
            By::Caller(_) => Holder::Caller,
            By::Socket(..) => Holder::Socket,
        };

        match self.groups.get_mut(addr) {
            Some(group) => group.holders = group.holders.join(holder)?,
            None => {
                let net = idev.device().net();
                let slot = match by {
                    By::Addrconf(_) => net.slot(),
                    By::Caller(_) | By::Socket(..) => net.slot_if_free()?,
                };
                let holders = Holders::default().join(holder)?;
                let group = Group::new(Unlisted::new(idev, addr)?, holders, slot);
                let node = RBTreeNode::new(*addr, group, GFP_KERNEL)?;
                let _ = self.groups.insert(node);
            }
        }
        self.roster.enter(form);
        self.settle(idev.device(), addr, GroupEvent::Join);
        Ok(())
    }

    /// One hold fewer on the group `addr` of `device`.
    ///
    /// Fails with `ENOENT` when there is no such hold.
    pub(crate) fn leave(&mut self, device: &NetDevice, addr: &Ipv6Addr, by: By<'_>) -> Result {
        let holder = match by {
            By::Addrconf(idev) => Holder::Addrconf {
                needed: addrconf::needed(idev, addr),
            },
            By::Caller(module) => self.roster.strike_caller(addr, module),
            By::Socket(_, identity) => self.roster.strike_member(&identity),
        };
        let group = self.groups.get_mut(addr).ok_or(ENOENT)?;
        group.holders = group.holders.leave(holder)?;
        self.settle(device, addr, GroupEvent::Leave);
        Ok(())
    }

    /// Does anybody hold the group `addr`?
    pub(crate) fn holds(&self, addr: &Ipv6Addr) -> bool {
        self.groups.get(addr).is_some()
    }

    /// Is `addr` a group that somebody other than addrconf holds?
    pub(crate) fn is_claimed(&self, addr: &Ipv6Addr) -> bool {
        self.groups
            .get(addr)
            .is_some_and(|group| group.holders.beyond_addrconf())
    }

    /// IPv6 has left `device`: addrconf's holds are gone, and nothing can be listed.
    pub(crate) fn ipv6_gone(&mut self, device: &NetDevice) {
        for group in self.groups.values_mut() {
            group.holders = group.holders.without_addrconf();
        }
        // Nothing to be published takes memory.
        let _ = self.settle_all(device);
    }

    /// Makes the world see of each group what it should; to be called when something may have happened
    /// to the groups' routes or to `device`.
    ///
    /// Fails with `ENOMEM` when some of that has to wait; it is to be tried again later.
    pub(crate) fn settle_all(&mut self, device: &NetDevice) -> Result {
        let mut result = Ok(());
        for group in self.groups.values_mut() {
            result = result.and(group.settle(device));
        }
        self.forget_unheld();
        result
    }

    /// Leaves all groups to C, and forgets them.
    pub(crate) fn hand_back(mut self, device: &NetDevice) {
        for (addr, group) in self.groups.iter_mut() {
            if group.hand_back(device).is_err() {
                pr_warn!(
                    "{}: the group {:?} is lost: C keeps none on a device without IPv6\n",
                    device.name(),
                    addr,
                );
            }
        }
    }

    /// Tells who holds what; see [`listing::members()`](crate::listing::members).
    pub(crate) fn list(&self, device: &NetDevice, seq: &SeqFile) {
        let line = |addr: &Ipv6Addr, holder: fmt::Arguments<'_>| {
            let published = self.groups.get(addr).is_some_and(Group::is_published);
            let state = if published { "published" } else { "dormant" };
            let (ifindex, name) = (device.ifindex(), device.name());
            seq_print!(seq, "{ifindex} {name} {addr:?} {state} {holder}\n");
        };
        for (addr, group) in self.groups.iter() {
            if group.holders.addrconf() > 0 {
                line(addr, fmt!("addrconf {}", group.holders.addrconf()));
            }
            if group.holders.adopted() > 0 {
                line(addr, fmt!("adopted {}", group.holders.adopted()));
            }
        }
        self.roster.list(line);
    }

    /// Makes the world see of one group what it should, now or later, after somebody joined or left.
    fn settle(&mut self, device: &NetDevice, addr: &Ipv6Addr, event: GroupEvent) {
        let Some(mut entry) = self.groups.find_mut(addr) else {
            return;
        };
        observe::group(event, device, addr, entry.get().holders.users());
        if entry.get_mut().settle(device).is_err() {
            reconcile::again_later();
        }
        if !entry.get().is_held() {
            entry.remove();
        }
    }

    fn forget_unheld(&mut self) {
        while let Some(addr) = self.first_unheld() {
            self.groups.remove(&addr);
        }
    }

    fn first_unheld(&self) -> Option<Ipv6Addr> {
        let mut unheld = self.groups.iter().filter(|(_, group)| !group.is_held());
        unheld.next().map(|(addr, _)| *addr)
    }
}

/// What is on the list of `idev`, while nobody changes it.
fn listed_groups(idev: &Inet6Dev) -> Result<KVec<ARef<Acaddr>>> {
    let count = idev.groups(&rcu::read_lock()).count();
    let mut listed = KVec::with_capacity(count, GFP_KERNEL)?;
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
