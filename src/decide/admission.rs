// SPDX-License-Identifier: GPL-2.0

//! Admission of a socket's join: may it, and on which device?
//!
//! The rules are those of `ipv6_sock_ac_join()` (net/ipv6/anycast.c), in its order, for a program
//! that gets two things wrong sees which one is reported; and of the mail of 2002, which asked for a
//! way to join without privilege ([`Policy`]). What they ask of the kernel is the trait [`Kernel`], so
//! that the host can test every combination.

use super::well_known::is_well_known;
use core::net::Ipv6Addr;

/// What a program may join without `CAP_NET_ADMIN`: `net.ipv6.anycast6.admission`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// 0: nothing, as in C.
    Nothing,
    /// 1: the well-known anycast addresses (RFC 2526) of a prefix of the device of 64 bits, for no host
    /// may have them as its own (RFC 5453).
    WellKnown,
    /// 2: any address of a prefix of the device.
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

/// Why a join is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The program lacks `CAP_NET_ADMIN` in the user namespace that owns the network namespace, and the
    /// policy asks for it.
    NotPermitted,
    /// The address can be no anycast address: it is multicast, unspecified, loopback or an IPv4 address
    /// in disguise.
    Unsuitable,
    /// The address is one of the host's own unicast addresses.
    OwnAddress,
    /// There is no such device, or it has no IPv6.
    NoDevice,
    /// No device was named and none suits, or a host asks for an address that is on no prefix of
    /// the device: nobody would route to it.
    NotAvailable,
}

/// What admission has to know of the kernel.
pub(crate) trait Kernel {
    /// A network device.
    type Device;
    /// The IPv6 side of a network device.
    type Interface;

    /// May the program administrate this network namespace?
    fn privileged(&self) -> bool;
    /// What others may.
    fn policy(&self) -> Policy;
    /// The device with index `ifindex`.
    fn device(&self, ifindex: i32) -> Option<Self::Device>;
    /// Is `addr` a unicast address of the host, be it tentative: on a device of the VRF that `device` is
    /// in, or of none, as it is for [`None`]?
    fn is_own(&self, addr: &Ipv6Addr, device: Option<&Self::Device>) -> bool;
    /// Is the host a router?
    fn forwards(&self) -> bool;
    /// The device that packets to `addr` leave by.
    fn route_device(&self, addr: &Ipv6Addr) -> Option<Self::Device>;
    /// Any device that is up and not a loopback.
    fn any_device(&self) -> Option<Self::Device>;
    /// The IPv6 side of `device`.
    fn interface(&self, device: &Self::Device) -> Option<Self::Interface>;
    /// Is the host a router on this interface?
    fn interface_forwards(&self, interface: &Self::Interface) -> bool;
    /// Of the prefixes of `interface` that `addr` is on: has any a length that `accepts`?
    fn on_prefix(
        &self,
        addr: &Ipv6Addr,
        interface: &Self::Interface,
        accepts: impl Fn(u32) -> bool,
    ) -> bool;
}

/// A join that may be asked for; where it goes is still open.
#[derive(Debug)]
pub(crate) struct Screened<D> {
    addr: Ipv6Addr,
    named: Named<D>,
    /// What the program may join; [`None`] where its privilege decides.
    policy: Option<Policy>,
}

/// Did the program name a device?
#[derive(Debug)]
enum Named<D> {
    /// By an index that is not zero. There need not be such a device.
    Yes(Option<D>),
    /// Index zero: the host picks one.
    No,
}

/// First part: may this program ask for this address at all?
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

/// Is it clear from the address alone that it is no anycast address?
fn is_unsuitable(addr: &Ipv6Addr) -> bool {
    addr.is_multicast()
        || addr.is_unspecified()
        || addr.is_loopback()
        || addr.to_ipv4_mapped().is_some()
}

/// Second part: the interface that the group goes to.
pub(crate) fn place<W: Kernel>(
    kernel: &W,
    screened: Screened<W::Device>,
) -> Result<W::Interface, Refusal> {
    let Screened {
        addr,
        named,
        policy,
    } = screened;

    // A device without IPv6 is no device to a program that named it, and an unsuitable pick to one
    // that did not.
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

/// The device for a join that names none: the one that leads to `addr`, on a router any.
fn pick<W: Kernel>(kernel: &W, addr: &Ipv6Addr) -> Result<W::Device, Refusal> {
    if let Some(device) = kernel.route_device(addr) {
        return Ok(device);
    }
    if !kernel.forwards() {
        return Err(Refusal::NotAvailable);
    }
    kernel.any_device().ok_or(Refusal::NoDevice)
}
