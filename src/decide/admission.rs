// SPDX-License-Identifier: GPL-2.0

//! Admission of a socket's join: whether it may join, and on which device.
//!
//! The rules are those of `ipv6_sock_ac_join()` (net/ipv6/anycast.c) in the same order, as the
//! order decides which of two errors a program sees; and those of [`Policy`], as the mail of 2002
//! asked for joins without privilege. They query the kernel through the trait [`Kernel`], so that
//! the host can test every combination.

use super::well_known::is_well_known;
use core::net::Ipv6Addr;

/// The groups that a program may join without `CAP_NET_ADMIN`: `net.ipv6.anycast6.admission`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// 0: none, as in C.
    Nothing,
    /// 1: the well-known anycast addresses (RFC 2526) of the device's 64-bit prefixes, which no
    /// host may use as its own (RFC 5453).
    WellKnown,
    /// 2: all addresses of the device's prefixes.
    OnLink,
}

impl Policy {
    /// The policy with number `value`.
    pub(crate) fn new(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Nothing),
            1 => Some(Self::WellKnown),
            2 => Some(Self::OnLink),
            _ => None,
        }
    }

    /// The number of the policy.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::WellKnown => 1,
            Self::OnLink => 2,
        }
    }
}

/// The reason why a join is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The program lacks `CAP_NET_ADMIN` in the user namespace that owns the network namespace, and
    /// the policy requires it.
    NotPermitted,
    /// The address cannot be an anycast address: it is multicast, unspecified, loopback or
    /// IPv4-mapped.
    Unsuitable,
    /// The address is one of the host's own unicast addresses.
    OwnAddress,
    /// There is no such device, or it has no IPv6.
    NoDevice,
    /// No device was named and none suits, or the address of a join on a host is on no prefix of
    /// the device: nobody would route to it.
    NotAvailable,
}

/// The queries that admission makes.
pub(crate) trait Kernel {
    /// A network device.
    type Device;
    /// The IPv6 side of a network device.
    type Interface;

    /// Whether the program has `CAP_NET_ADMIN` in this network namespace.
    fn privileged(&self) -> bool;
    /// The policy for programs without it.
    fn policy(&self) -> Policy;
    /// The device with index `ifindex`.
    fn device(&self, ifindex: i32) -> Option<Self::Device>;
    /// Whether `addr` is a unicast address of the host, tentative or not. Only devices in the VRF
    /// of `device` count, or those in no VRF if `device` is in none or [`None`].
    fn is_own(&self, addr: &Ipv6Addr, device: Option<&Self::Device>) -> bool;
    /// Whether the host is a router.
    fn forwards(&self) -> bool;
    /// The device by which packets to `addr` leave.
    fn route_device(&self, addr: &Ipv6Addr) -> Option<Self::Device>;
    /// Any device that is up, but not a loopback.
    fn any_device(&self) -> Option<Self::Device>;
    /// The IPv6 side of `device`.
    fn interface(&self, device: &Self::Device) -> Option<Self::Interface>;
    /// Whether the host is a router on this interface.
    fn interface_forwards(&self, interface: &Self::Interface) -> bool;
    /// Whether `addr` is on a prefix of `interface` with a length that `accepts`.
    fn on_prefix(
        &self,
        addr: &Ipv6Addr,
        interface: &Self::Interface,
        accepts: impl Fn(u32) -> bool,
    ) -> bool;
}

/// A join that passed the first part; the interface is still open.
#[derive(Debug)]
pub(crate) struct Screened<D> {
    addr: Ipv6Addr,
    named: Named<D>,
    /// The policy that applies, or [`None`] if the program is privileged.
    policy: Option<Policy>,
}

/// Whether the program named a device.
#[derive(Debug)]
enum Named<D> {
    /// Yes, by an index other than zero. The device need not exist.
    Yes(Option<D>),
    /// No, the index is zero: the host picks one.
    No,
}

/// First part: whether this program may ask for this address at all.
pub(crate) fn screen<W: Kernel>(
    kernel: &W,
    ifindex: i32,
    addr: Ipv6Addr,
) -> Result<Screened<W::Device>, Refusal> {
    let policy = match kernel.privileged() {
        true => None,
        false => Some(kernel.policy()),
    };
    if policy == Some(Policy::Nothing) {
        return Err(Refusal::NotPermitted);
    }
    if is_unsuitable(&addr) {
        return Err(Refusal::Unsuitable);
    }

    let named = match ifindex {
        0 => Named::No,
        _ => Named::Yes(kernel.device(ifindex)),
    };
    let device = match &named {
        Named::Yes(device) => device.as_ref(),
        Named::No => None,
    };
    if kernel.is_own(&addr, device) {
        return Err(Refusal::OwnAddress);
    }

    Ok(Screened {
        addr,
        named,
        policy,
    })
}

/// Whether the address alone shows that it is no anycast address.
fn is_unsuitable(addr: &Ipv6Addr) -> bool {
    addr.is_multicast()
        || addr.is_unspecified()
        || addr.is_loopback()
        || addr.to_ipv4_mapped().is_some()
}

/// Second part: the interface for the group.
pub(crate) fn place<W: Kernel>(
    kernel: &W,
    screened: Screened<W::Device>,
) -> Result<W::Interface, Refusal> {
    let Screened {
        addr,
        named,
        policy,
    } = screened;

    // A device without IPv6 means ENODEV to a program that named it, and EADDRNOTAVAIL to one that
    // did not.
    let without_ipv6 = match named {
        Named::Yes(_) => Refusal::NoDevice,
        Named::No => Refusal::NotAvailable,
    };
    let device = match named {
        Named::Yes(device) => device.ok_or(Refusal::NoDevice)?,
        Named::No => pick(kernel, &addr)?,
    };
    let interface = kernel.interface(&device).ok_or(without_ipv6)?;

    let on_link = || kernel.on_prefix(&addr, &interface, |_| true);
    let (admitted, refusal) = match policy {
        // A host's anycast addresses must be on-link: nobody propagates routes to it.
        None => (
            on_link() || kernel.interface_forwards(&interface),
            Refusal::NotAvailable,
        ),
        Some(Policy::Nothing) => (false, Refusal::NotPermitted),
        Some(Policy::WellKnown) => (
            kernel.on_prefix(&addr, &interface, |len| is_well_known(&addr, len)),
            Refusal::NotPermitted,
        ),
        Some(Policy::OnLink) => (on_link(), Refusal::NotPermitted),
    };
    if !admitted {
        return Err(refusal);
    }

    Ok(interface)
}

/// The device for a join without one: the device of the route to `addr`, or on a router any device.
fn pick<W: Kernel>(kernel: &W, addr: &Ipv6Addr) -> Result<W::Device, Refusal> {
    if let Some(device) = kernel.route_device(addr) {
        return Ok(device);
    }
    if !kernel.forwards() {
        return Err(Refusal::NotAvailable);
    }
    kernel.any_device().ok_or(Refusal::NoDevice)
}
