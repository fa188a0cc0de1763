// SPDX-License-Identifier: GPL-2.0

//! The side tables: all interfaces, by the identity of their device objects.
//!
//! There are none during a livepatch transition, when C may be at work as well. They are filled in one
//! go when the last task has left C ([`adopt()`]), and dropped in one go before the first returns to it
//! ([`hand_back()`]). While they are there, the [`index`] knows all groups.

use crate::{
    interface::Interface,
    ledger::Ledger,
    logic::pass::Next,
    ownership,
    sys::{
        acaddr_hash,
        index,
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
        rtnl::Rtnl, //
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

type Interfaces = RBTree<Key, Arc<Interface>>;

fn key(device: &NetDevice) -> Key {
    (device.net().identity(), device.identity())
}

/// The side tables.
pub(crate) enum Tables {
    /// There are none; C's lists are all there is.
    Absent {
        /// All tasks have left C, so there ought to be some.
        wanted: bool,
    },
    /// A device that is not among them has no groups.
    Filled(Interfaces),
}

kernel::sync::global_lock! {
    /// The side tables, and who may change the groups of devices that have no interface there.
    // SAFETY: Initialised by `takeover`, before anything else of the module runs.
    pub(crate) unsafe(uninit) static TABLES: Mutex<Tables> = Tables::Absent { wanted: false };
}

/// How to get at the groups of a device.
pub(crate) enum Way {
    /// By its interface.
    Interface(Arc<Interface>),
    /// By the kernel's list; the guard keeps everybody else out.
    List(GlobalGuard<TABLES>),
}

/// The way to a group that is to be joined on `idev`.
///
/// Fails with `ENODEV` when IPv6 has left the device, or with `ENOMEM`.
pub(crate) fn way_to_join(idev: &Inet6Dev, flags: Flags) -> Result<Way> {
    let mut tables = TABLES.lock();
    let Some(interfaces) = tables.filled() else {
        return Ok(Way::List(tables));
    };
    let device = idev.device();
    if let Some(interface) = interfaces.get(&key(device)) {
        return Ok(Way::Interface(interface.clone()));
    }
    // A device that is being unregistered may have been here already, and will not come again.
    if idev.lock_groups().is_dead() {
        return Err(ENODEV);
    }
    let interface = Interface::new(device, Ledger::new(), flags)?;
    interfaces.try_create_and_insert(key(device), interface.clone(), flags)?;
    Ok(Way::Interface(interface))
}

/// The way to what is on `device` already.
pub(crate) fn way(device: &NetDevice) -> Way {
    let mut tables = TABLES.lock();
    match tables.find(device) {
        Some(interface) => Way::Interface(interface),
        None => Way::List(tables),
    }
}

/// The interface of `device`, if it has one.
pub(crate) fn find(device: &NetDevice) -> Option<Arc<Interface>> {
    TABLES.lock().find(device)
}

/// The interface of `net` that comes `next`.
pub(crate) fn next(
    net: &Net,
    next: Next<net_device::Identity>,
) -> Option<(net_device::Identity, Arc<Interface>)> {
    next_of(TABLES.lock().filled()?, net.identity(), next)
}

fn next_of(
    interfaces: &Interfaces,
    net: net::Identity,
    next: Next<net_device::Identity>,
) -> Option<(net_device::Identity, Arc<Interface>)> {
    let first = match next {
        Next::First => net_device::Identity::FIRST,
        Next::From(device) => device,
        Next::Behind(device) => device.next(),
    };
    let cursor = interfaces.cursor_lower_bound(&(net, first))?;
    let ((of, device), interface) = cursor.current();
    (*of == net).then(|| (*device, interface.clone()))
}

/// Takes the interface of `device` out: the device has been unregistered.
pub(crate) fn remove(device: &NetDevice) -> Option<Arc<Interface>> {
    match &mut *TABLES.lock() {
        Tables::Absent { .. } => None,
        Tables::Filled(interfaces) => interfaces.remove(&key(device)),
    }
}

/// All tasks have left C.
pub(crate) fn want() {
    *TABLES.lock() = Tables::Absent { wanted: true };
}

/// Fills the tables from C's lists, if they are wanted and not there, and mends what C left broken. Not while
/// somebody else is at work there.
///
/// RTNL keeps addrconf and devices as they are, the lock of the tables everybody else. Fails with
/// `ENOMEM`; then there still are none.
pub(crate) fn adopt(_rtnl: &Rtnl) -> Result {
    let mut tables = TABLES.lock();
    if matches!(*tables, Tables::Absent { wanted: true }) && ownership::is_ours() {
        *tables = Tables::Filled(adopted()?);
        index::complete();
        let filled = tables.filled();
        let interfaces = filled.iter().flat_map(|filled| filled.values());
        interfaces.for_each(|interface| interface.settle());
    }
    Ok(())
}

/// Drops the tables, all groups as C would have them, unless another livepatch has taken our place: then
/// the lists are as that has them. Needs no memory.
pub(crate) fn hand_back() {
    drop_all(match ownership::is_replaced() {
        true => Interface::abandon,
        false => Interface::hand_back,
    });
}

fn drop_all(leave: impl Fn(&Interface)) {
    let mut tables = TABLES.lock();
    if let Tables::Filled(interfaces) = &*tables {
        interfaces.values().for_each(|interface| leave(interface));
        index::incomplete();
        interfaces.values().for_each(|interface| interface.bury());
    }
    // Routes may be in use again that have been withdrawn.
    rcu::rcu_barrier();
    *tables = Tables::Absent { wanted: false };
}

impl Tables {
    /// The interfaces, where there are any that still are true.
    fn filled(&mut self) -> Option<&mut Interfaces> {
        match self {
            Tables::Filled(interfaces) if ownership::is_ours() => Some(interfaces),
            _ => None,
        }
    }

    fn find(&mut self, device: &NetDevice) -> Option<Arc<Interface>> {
        self.filled()?.get(&key(device)).cloned()
    }
}

/// The interfaces of all devices with groups.
fn adopted() -> Result<Interfaces> {
    let mut interfaces = Interfaces::new();
    for device in devices_with_groups()? {
        let key = key(&device);
        let Some(idev) = device.ipv6() else {
            continue;
        };
        if interfaces.get(&key).is_none() {
            let interface = Interface::new(&device, Ledger::adopt(&idev)?, UNCHARGED)?;
            interfaces.try_create_and_insert(key, interface, UNCHARGED)?;
        }
    }
    Ok(interfaces)
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
