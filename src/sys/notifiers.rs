// SPDX-License-Identifier: GPL-2.0

//! What the kernel tells of devices and addresses.
//!
//! The functions convert C's arguments and call [`events`].
//!
//! C headers: `include/linux/notifier.h`, `include/linux/netdevice.h`, `include/net/addrconf.h`

use super::{
    addr::from_kernel,
    face::Face,
    inet6_dev::Inet6Dev,
    net_device::NetDevice,
    owned::Owned, //
};
use crate::{
    bindings,
    events, //
};
use core::ffi::{
    c_int,
    c_void, //
};
use kernel::{
    error::to_result,
    ffi::c_ulong,
    prelude::*, //
};

/// A notifier of ours, which the kernel links into its chain.
pub(crate) type Block = Owned<bindings::notifier_block>;

pub(crate) type Callback =
    unsafe extern "C" fn(*mut bindings::notifier_block, c_ulong, *mut c_void) -> c_int;

/// A notifier that calls `call`.
pub(crate) const fn block(call: Callback, priority: i32) -> Block {
    Owned::new(bindings::notifier_block {
        notifier_call: Some(call),
        priority,
        ..pin_init::zeroed()
    })
}

/// Nobody has to stop or to fail.
const DONE: c_int = bindings::NOTIFY_DONE as c_int;

/// Behind addrconf (`ADDRCONF_NOTIFY_PRIORITY`): what it does to routes and addresses is done.
static DEVICES: Block = block(device_event, -1);
static ADDRESSES: Block = block(address_event, 0);
static VALIDATOR: Block = block(address_validation, 0);

/// A registered notifier, until dropped.
///
/// # Invariants
///
/// The block is registered in the chain that `unregister` takes it from.
pub(crate) struct Registered {
    block: &'static Block,
    unregister: unsafe extern "C" fn(*mut bindings::notifier_block) -> c_int,
}

impl Registered {
    /// Registers `block`.
    ///
    /// # Safety
    ///
    /// The block is filled in and in no chain. The functions put one into a chain and take it out, and
    /// the latter waits for callbacks in flight.
    pub(crate) unsafe fn new(
        block: &'static Block,
        register: unsafe extern "C" fn(*mut bindings::notifier_block) -> c_int,
        unregister: unsafe extern "C" fn(*mut bindings::notifier_block) -> c_int,
    ) -> Result<Self> {
        // SAFETY: As the caller promises; it is static.
        to_result(unsafe { register(block.get()) })?;
        // INVARIANT: It has just been registered.
        Ok(Self { block, unregister })
    }

    /// Devices. The kernel begins with a replay for those that are there.
    pub(crate) fn devices() -> Result<Self> {
        // SAFETY: The block is listed nowhere else.
        unsafe {
            Self::new(
                &DEVICES,
                bindings::register_netdevice_notifier,
                bindings::unregister_netdevice_notifier,
            )
        }
    }

    /// Unicast addresses that have come or are going.
    pub(crate) fn addresses() -> Result<Self> {
        // SAFETY: The block is listed nowhere else.
        unsafe {
            Self::new(
                &ADDRESSES,
                bindings::register_inet6addr_notifier,
                bindings::unregister_inet6addr_notifier,
            )
        }
    }

    /// Unicast addresses that somebody wants to add.
    pub(crate) fn validator() -> Result<Self> {
        // SAFETY: The block is listed nowhere else.
        unsafe {
            Self::new(
                &VALIDATOR,
                bindings::register_inet6addr_validator_notifier,
                bindings::unregister_inet6addr_validator_notifier,
            )
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: By the invariant. Unregistering waits for callbacks in flight.
        unsafe { (self.unregister)(self.block.get()) };
    }
}

/// # Safety
///
/// From the netdevice chain, under RTNL.
unsafe extern "C" fn device_event(
    _block: *mut bindings::notifier_block,
    event: c_ulong,
    info: *mut c_void,
) -> c_int {
    // SAFETY: All events of this chain come with a device, which is alive meanwhile.
    let device = unsafe { NetDevice::from_raw(bindings::anycast6_helper_notifier_dev(info)) };
    match event as bindings::netdev_cmd {
        bindings::netdev_cmd_NETDEV_UNREGISTER => events::device_gone(device),
        bindings::netdev_cmd_NETDEV_UP
        | bindings::netdev_cmd_NETDEV_DOWN
        | bindings::netdev_cmd_NETDEV_CHANGE
        | bindings::netdev_cmd_NETDEV_CHANGEMTU
        | bindings::netdev_cmd_NETDEV_CHANGEUPPER => events::device_changed(device),
        _ => (),
    }
    DONE
}

/// # Safety
///
/// From the inet6addr chain. Any context.
unsafe extern "C" fn address_event(
    _block: *mut bindings::notifier_block,
    _event: c_ulong,
    ifaddr: *mut c_void,
) -> c_int {
    // SAFETY: All events of this chain come with an address, which is alive meanwhile, as its device is.
    let (idev, addr) = unsafe {
        let ifaddr = ifaddr.cast::<bindings::inet6_ifaddr>();
        (
            Inet6Dev::from_raw((*ifaddr).idev),
            from_kernel(&(*ifaddr).addr),
        )
    };
    events::address_changed(idev.device(), &addr);
    DONE
}

/// # Safety
///
/// From the validator chain, under RTNL. Process context.
unsafe extern "C" fn address_validation(
    _block: *mut bindings::notifier_block,
    _event: c_ulong,
    info: *mut c_void,
) -> c_int {
    // SAFETY: All calls of this chain come with this, and what it points to is alive meanwhile.
    let info = unsafe { &*info.cast::<bindings::in6_validator_info>() };
    // SAFETY: As above.
    let idev = unsafe { Inet6Dev::from_raw(info.i6vi_dev) };
    let Err(err) = events::address_wanted(idev, &from_kernel(&info.i6vi_addr)) else {
        return DONE;
    };
    // SAFETY: The answer to the program is null or alive.
    unsafe {
        bindings::anycast6_helper_extack_held(info.extack);
        bindings::anycast6_helper_notifier_from_errno(err.to_errno())
    }
}
