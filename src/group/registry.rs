// SPDX-License-Identifier: GPL-2.0

//! The registry: the groups of all devices, by the identity of the device object.
//!
//! There is none during a livepatch transition, when C may work on the lists as well. It is filled
//! in one go when the last task has left C ([`adopt()`]), and dropped in one go before the first
//! task returns to C ([`hand_back()`]). While it is filled, the [`index`] contains all groups.

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

/// The devices of a namespace are adjacent. A device leaves the registry before it leaves its
/// namespace.
type Key = (net::Identity, net_device::Identity);

type Devices = RBTree<Key, Arc<DeviceGroups>>;

fn key(device: &NetDevice) -> Key {
    (device.net().identity(), device.identity())
}

/// The registry.
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Tables {
    /// No registry; C's lists are all there is.
    Absent {
        /// All tasks have left C, so the registry should be filled.
        wanted: Option<OnlyRust>,
    },
    /// A device that is not here has no groups.
    Filled(Devices),
}

kernel::sync::global_lock! {
    /// The registry. The lock also serializes changes of groups of devices that are not in it.
    // SAFETY: Initialised by `takeover`, before anything else of the module runs.
    pub(crate) unsafe(uninit) static TABLES: Mutex<Tables> = Tables::Absent { wanted: None };
}

/// How to reach the groups of a device.
pub(crate) enum Backend {
    /// Through the registry.
    Device(Arc<DeviceGroups>),
    /// Through the kernel's list; the guard excludes everybody else.
    List(GlobalGuard<TABLES>),
}

/// How to reach a group that is to be joined on `idev`.
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
    // A device that is being unregistered may have been here already, and must not be added again.
    if idev.lock_groups().is_dead() {
        return Err(ENODEV);
    }
    let groups = DeviceGroups::new(device, GroupSet::new(), flags)?;
    devices.try_create_and_insert(key(device), groups.clone(), flags)?;
    Ok(Backend::Device(groups))
}

/// How to reach the existing groups of `device`.
pub(crate) fn backend(device: &NetDevice) -> Backend {
    let mut tables = TABLES.lock();
    match tables.find(device) {
        Some(groups) => Backend::Device(groups),
        None => Backend::List(tables),
    }
}

/// The groups of `device`, if it is in the registry.
pub(crate) fn find(device: &NetDevice) -> Option<Arc<DeviceGroups>> {
    TABLES.lock().find(device)
}

/// The groups of `device`. Fails with `ENOENT` when it is not in the registry, or with `EAGAIN` when
/// there is none.
pub(crate) fn of(device: &NetDevice) -> Result<Arc<DeviceGroups>> {
    let mut tables = TABLES.lock();
    let devices = tables.filled().ok_or(EAGAIN)?;
    devices.get(&key(device)).cloned().ok_or(ENOENT)
}

/// The device that `next` selects in `net`, with its groups.
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

/// Removes `device`, which has been unregistered.
pub(crate) fn remove(device: &NetDevice) -> Option<Arc<DeviceGroups>> {
    match &mut *TABLES.lock() {
        Tables::Absent { .. } => None,
        Tables::Filled(devices) => devices.remove(&key(device)),
    }
}

/// All tasks have left C: the registry may be filled from now on.
pub(crate) fn want(rust: OnlyRust) {
    *TABLES.lock() = Tables::Absent { wanted: Some(rust) };
}

/// Fills the registry from C's lists, if it is wanted and absent, and repairs what C left broken.
/// Does nothing while another livepatch works on the lists.
///
/// RTNL excludes addrconf and changes of devices, the lock of the registry everybody else. Fails
/// with `ENOMEM`; the registry is still absent then.
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

/// Drops the registry after ownership has been lost.
pub(crate) static CLOSING: Work = Work::new(&reconciler::QUEUE, |_| hand_back());

/// Drops the registry and leaves all groups as C would have them; if another livepatch has replaced
/// ours, the lists stay as they are. Needs no memory.
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
    // A withdrawn route may be in use again: wait for its RCU callbacks.
    rcu::rcu_barrier();
    *tables = Tables::Absent { wanted: None };
}

impl Tables {
    /// The devices, if the registry is filled and still valid.
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

/// All devices with groups, from C's hash.
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

/// The devices with groups, while nobody changes any; some appear more than once.
fn devices_with_groups() -> Result<KVVec<ARef<NetDevice>>> {
    let count = acaddr_hash::all(&rcu::read_lock()).count();
    let mut devices = KVVec::with_capacity(count, GFP_KERNEL)?;
    let rcu = rcu::read_lock();
    let all = acaddr_hash::all(&rcu).filter_map(|group| group.device(&rcu));
    for device in all.take(count) {
        // The capacity has been reserved.
        let _ = devices.push_within_capacity(device.into());
    }
    Ok(devices)
}
