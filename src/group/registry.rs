// SPDX-License-Identifier: GPL-2.0

//! The side tables: the groups of all devices, by the identity of the device objects.
//!
//! There are none during a livepatch transition, when C may be at work as well. They are filled in one
//! go when the last task has left C ([`adopt()`]), and dropped in one go before the first returns to it
//! ([`hand_back()`]). While they are there, the [`index`] knows all groups.

use super::{
    device::DeviceGroups,
    ownership,
    set::GroupSet, //
};
use crate::{
    decide::pass::Next,
    store::{
        acaddr_hash,
        index::{
            self,
            OnlyRust, //
        },
    },
    sys::{
        inet6_dev::Inet6Dev,
        memory::UNCHARGED,
        net::{
            self,
            Net, //
        },
        net_device::{
            self,
            NetDevice, //
        },
        reconciler,
        rtnl::Rtnl,
        work::Work, //
    },
};
use kernel::{
    alloc::Flags,
    prelude::*,
    rbtree::RBTree,
    sync::{
        aref::ARef,
        rcu,
        Arc,
        GlobalGuard, //
    },
};

/// Those of a namespace are side by side. A device leaves the tables before it leaves its namespace.
type Key = (net::Identity, net_device::Identity);

type Devices = RBTree<Key, Arc<DeviceGroups>>;

fn key(device: &NetDevice) -> Key {
    (device.net().identity(), device.identity())
}

/// The side tables.
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Tables {
    /// There are none; C's lists are all there is.
    Absent {
        /// All tasks have left C, so there ought to be some.
        wanted: Option<OnlyRust>,
    },
    /// A device that is not among them has no groups.
    Filled(Devices),
}

kernel::sync::global_lock! {
    /// The side tables, and who may change the groups of devices that are not there.
    // SAFETY: Initialised by `takeover`, before anything else of the module runs.
    pub(crate) unsafe(uninit) static TABLES: Mutex<Tables> = Tables::Absent { wanted: None };
}

/// How to get at the groups of a device.
pub(crate) enum Backend {
    /// By what is known of them.
    Device(Arc<DeviceGroups>),
    /// By the kernel's list; the guard keeps everybody else out.
    List(GlobalGuard<TABLES>),
}

/// The way to a group that is to be joined on `idev`.
///
/// Fails with `ENODEV` when IPv6 has left the device, or with `ENOMEM`.
pub(crate) fn backend_for_join(idev: &Inet6Dev, flags: Flags) -> Result<Backend> {
    let mut tables = TABLES.lock();
    let Some(devices) = tables.filled() else {
        return Ok(Backend::List(tables));
    };
    let device = idev.device();
    if let Some(groups) = devices.get(&key(device)) {
        return Ok(Backend::Device(groups.clone()));
    }
    // A device that is being unregistered may have been here already, and will not come again.
    if idev.lock_groups().is_dead() {
        return Err(ENODEV);
    }
    let groups = DeviceGroups::new(device, GroupSet::new(), flags)?;
    devices.try_create_and_insert(key(device), groups.clone(), flags)?;
    Ok(Backend::Device(groups))
}

/// The way to what is on `device` already.
pub(crate) fn backend(device: &NetDevice) -> Backend {
    let mut tables = TABLES.lock();
    match tables.find(device) {
        Some(groups) => Backend::Device(groups),
        None => Backend::List(tables),
    }
}

/// The groups of `device`, if it is there.
pub(crate) fn find(device: &NetDevice) -> Option<Arc<DeviceGroups>> {
    TABLES.lock().find(device)
}

/// The device of `net` that comes `next`, and its groups.
pub(crate) fn next(
    net: &Net,
    next: Next<net_device::Identity>,
) -> Option<(net_device::Identity, Arc<DeviceGroups>)> {
    next_of(TABLES.lock().filled()?, net.identity(), next)
}

fn next_of(
    devices: &Devices,
    net: net::Identity,
    next: Next<net_device::Identity>,
) -> Option<(net_device::Identity, Arc<DeviceGroups>)> {
    let first = match next {
        Next::First => net_device::Identity::FIRST,
        Next::From(device) => device,
        Next::Behind(device) => device.next(),
    };
    let cursor = devices.cursor_lower_bound(&(net, first))?;
    let ((of, device), groups) = cursor.current();
    (*of == net).then(|| (*device, groups.clone()))
}

/// Takes `device` out: the device has been unregistered.
pub(crate) fn remove(device: &NetDevice) -> Option<Arc<DeviceGroups>> {
    match &mut *TABLES.lock() {
        Tables::Absent { .. } => None,
        Tables::Filled(devices) => devices.remove(&key(device)),
    }
}

/// All tasks have left C.
pub(crate) fn want(rust: OnlyRust) {
    *TABLES.lock() = Tables::Absent { wanted: Some(rust) };
}

/// Fills the tables from C's lists, if they are wanted and not there, and mends what C left broken. Not while
/// somebody else is at work there.
///
/// RTNL keeps addrconf and devices as they are, the lock of the tables everybody else. Fails with
/// `ENOMEM`; then there still are none.
pub(crate) fn adopt(rtnl: &Rtnl) -> Result {
    let mut tables = TABLES.lock();
    let Tables::Absent { wanted: Some(rust) } = *tables else {
        return Ok(());
    };
    if ownership::is_ours() {
        *tables = Tables::Filled(adopted(rtnl)?);
        index::complete(rust);
        let filled = tables.filled();
        let devices = filled.iter().flat_map(|filled| filled.values());
        devices.for_each(|groups| groups.settle(rtnl));
    }
    Ok(())
}

/// Closes the tables when ownership has been lost.
pub(crate) static CLOSING: Work = Work::new(&reconciler::QUEUE, |_| hand_back());

/// Drops the tables, all groups as C would have them, unless another livepatch has taken our place: then
/// the lists are as that has them. Needs no memory.
pub(crate) fn hand_back() {
    drop_all(match ownership::is_replaced() {
        true => DeviceGroups::abandon,
        false => DeviceGroups::hand_back,
    });
}

fn drop_all(leave: impl Fn(&DeviceGroups)) {
    let mut tables = TABLES.lock();
    if let Tables::Filled(devices) = &*tables {
        devices.values().for_each(|groups| leave(groups));
        index::incomplete();
        devices.values().for_each(|groups| groups.bury());
    }
    // Routes may be in use again that have been withdrawn.
    rcu::rcu_barrier();
    *tables = Tables::Absent { wanted: None };
}

impl Tables {
    /// The devices, where there are any and what is known of them still is true.
    fn filled(&mut self) -> Option<&mut Devices> {
        match self {
            Tables::Filled(devices) if ownership::is_ours() => Some(devices),
            _ => None,
        }
    }

    fn find(&mut self, device: &NetDevice) -> Option<Arc<DeviceGroups>> {
        self.filled()?.get(&key(device)).cloned()
    }
}

/// All devices with groups.
fn adopted(rtnl: &Rtnl) -> Result<Devices> {
    let mut devices = Devices::new();
    for device in devices_with_groups()? {
        let key = key(&device);
        let Some(idev) = device.ipv6() else {
            continue;
        };
        if devices.get(&key).is_none() {
            let groups = DeviceGroups::new(&device, GroupSet::adopt(&idev, rtnl)?, UNCHARGED)?;
            devices.try_create_and_insert(key, groups, UNCHARGED)?;
        }
    }
    Ok(devices)
}

/// The devices with groups, while nobody changes any; some more than once.
fn devices_with_groups() -> Result<KVVec<ARef<NetDevice>>> {
    let count = acaddr_hash::all(&rcu::read_lock()).count();
    let mut devices = KVVec::with_capacity(count, GFP_KERNEL)?;
    let rcu = rcu::read_lock();
    let all = acaddr_hash::all(&rcu).filter_map(|group| group.device(&rcu));
    for device in all.take(count) {
        // There is room for it.
        let _ = devices.push_within_capacity(device.into());
    }
    Ok(devices)
}
