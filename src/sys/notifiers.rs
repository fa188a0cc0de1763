// SPDX-License-Identifier: GPL-2.0

//! Notifications about devices and addresses: converts C's arguments and calls the listener.
//!
//! C headers: `include/linux/notifier.h`, `include/linux/netdevice.h`, `include/net/addrconf.h`

use super::{
    addr::from_kernel,
    face::Face,
    inet6_dev::Inet6Dev,
    net_device::NetDevice,
    owned::Owned,
    rtnl::Rtnl, //
};
use crate::bindings;
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    net::Ipv6Addr, //
};
use kernel::{
    error::to_result,
    ffi::c_ulong,
    prelude::*, //
};

/// A notifier of ours, which the kernel links into its chain.
type Block = Owned<bindings::notifier_block>;

pub(crate) type Callback =
    unsafe extern "C" fn(*mut bindings::notifier_block, c_ulong, *mut c_void) -> c_int;

/// No listener stops the chain or fails.
pub(crate) const DONE: c_int = bindings::NOTIFY_DONE as c_int;

/// Listens to devices.
pub(crate) trait DeviceListener {
    /// `device` came up or went down, or its flags, its MTU or its upper devices (VRF, bridge)
    /// changed. Process context.
    fn changed(device: &NetDevice, rtnl: &Rtnl);

    /// `device` is about to go down, but can still send. Process context.
    fn going_down(device: &NetDevice, rtnl: &Rtnl);

    /// `device` has been unregistered, or moves to another namespace. Process context, under RTNL.
    fn gone(device: &NetDevice);
}

/// Listens to unicast addresses.
pub(crate) trait AddressListener {
    /// The address `addr` of `device` was added or is being removed. Any context.
    fn changed(device: &NetDevice, addr: &Ipv6Addr);

    /// `addr` is about to be added to `idev`; an error refuses it. Process context.
    fn wanted(idev: &Inet6Dev, addr: &Ipv6Addr, rtnl: &Rtnl) -> Result;
}

/// A notifier block, and the functions of its chain.
pub(crate) struct Notifier {
    block: Block,
    register: Chain,
    unregister: Chain,
}

type Chain = unsafe extern "C" fn(*mut bindings::notifier_block) -> c_int;

impl Notifier {
    /// A notifier that calls `call`, in the chain of the other two functions.
    ///
    /// # Safety
    ///
    /// `register` puts a block into a chain that may call `call`, `unregister` takes it out and waits for
    /// callbacks in flight.
    pub(crate) const unsafe fn new(
        call: Callback,
        priority: i32,
        register: Chain,
        unregister: Chain,
    ) -> Self {
        Self {
            block: Owned::new(bindings::notifier_block {
                notifier_call: Some(call),
                priority,
                ..pin_init::zeroed()
            }),
            register,
            unregister,
        }
    }

    /// Devices. Called after addrconf (`ADDRCONF_NOTIFY_PRIORITY`), so its changes of routes and
    /// addresses are done. On registration the kernel replays the events of existing devices.
    pub(crate) const fn devices<L: DeviceListener>() -> Self {
        // SAFETY: The functions are those of the chain that `device_event()` is for.
        unsafe {
            Self::new(
                device_event::<L>,
                -1,
                bindings::register_netdevice_notifier,
                bindings::unregister_netdevice_notifier,
            )
        }
    }

    /// Unicast addresses that have been added or are being removed.
    pub(crate) const fn addresses<L: AddressListener>() -> Self {
        // SAFETY: The functions are those of the chain that `address_event()` is for.
        unsafe {
            Self::new(
                address_event::<L>,
                0,
                bindings::register_inet6addr_notifier,
                bindings::unregister_inet6addr_notifier,
            )
        }
    }

    /// Unicast addresses that are about to be added.
    pub(crate) const fn wanted_addresses<L: AddressListener>() -> Self {
        // SAFETY: The functions are those of the chain that `address_validation()` is for.
        unsafe {
            Self::new(
                address_validation::<L>,
                0,
                bindings::register_inet6addr_validator_notifier,
                bindings::unregister_inet6addr_validator_notifier,
            )
        }
    }
}

/// A registered notifier, until dropped.
///
/// # Invariants
///
/// The notifier is in its chain.
pub(crate) struct Registered(&'static Notifier);

impl Registered {
    /// Registers `notifier`. Fails with `EEXIST` when it is registered already.
    pub(crate) fn new(notifier: &'static Notifier) -> Result<Self> {
        // SAFETY: It is static and filled in, and the function that of its chain.
        to_result(unsafe { (notifier.register)(notifier.block.get()) })?;
        // INVARIANT: It has just been registered.
        Ok(Self(notifier))
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: The notifier is in its chain. Unregistering waits for callbacks in flight.
        unsafe { (self.0.unregister)(self.0.block.get()) };
    }
}

/// # Safety
///
/// From the netdevice chain, under RTNL.
unsafe extern "C" fn device_event<L: DeviceListener>(
    _block: *mut bindings::notifier_block,
    event: c_ulong,
    info: *mut c_void,
) -> c_int {
    // SAFETY: All events of this chain come under RTNL and with a device, which is alive meanwhile.
    let (device, rtnl) = unsafe {
        (
            NetDevice::from_raw(bindings::anycast6_helper_notifier_dev(info)),
            Rtnl::held(),
        )
    };
    match event as bindings::netdev_cmd {
        bindings::netdev_cmd_NETDEV_UNREGISTER => L::gone(device),
        bindings::netdev_cmd_NETDEV_GOING_DOWN => L::going_down(device, rtnl),
        bindings::netdev_cmd_NETDEV_UP
        | bindings::netdev_cmd_NETDEV_DOWN
        | bindings::netdev_cmd_NETDEV_CHANGE
        | bindings::netdev_cmd_NETDEV_CHANGEMTU
        | bindings::netdev_cmd_NETDEV_CHANGEUPPER => L::changed(device, rtnl),
        _ => (),
    }
    DONE
}

/// # Safety
///
/// From the inet6addr chain. Any context.
unsafe extern "C" fn address_event<L: AddressListener>(
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
    L::changed(idev.device(), &addr);
    DONE
}

/// # Safety
///
/// From the validator chain, under RTNL. Process context.
unsafe extern "C" fn address_validation<L: AddressListener>(
    _block: *mut bindings::notifier_block,
    _event: c_ulong,
    info: *mut c_void,
) -> c_int {
    // SAFETY: All calls of this chain come under RTNL and with this, and what it points to is alive meanwhile.
    let (info, idev, rtnl) = unsafe {
        let info = &*info.cast::<bindings::in6_validator_info>();
        (info, Inet6Dev::from_raw(info.i6vi_dev), Rtnl::held())
    };
    let Err(err) = L::wanted(idev, &from_kernel(&info.i6vi_addr), rtnl) else {
        return DONE;
    };
    // SAFETY: The answer to the program is null or alive.
    unsafe {
        bindings::anycast6_helper_extack_held(info.extack);
        bindings::anycast6_helper_notifier_from_errno(err.to_errno())
    }
}
