// SPDX-License-Identifier: GPL-2.0

//! Admission: every combination of facts, against the flow of `ipv6_sock_ac_join()` told anew.

use crate::logic::admission::{place, screen, Refusal, World};
use core::{cell::Cell, net::Ipv6Addr};

const ADDR: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const MULTICAST: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const NAMED: i32 = 3;
const ROUTED: i32 = 5;
const ANY: i32 = 7;

/// Everything that admission may ask, as plain facts. A device is its index, an interface too.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    privileged: bool,
    exists: bool,
    own: bool,
    forwards: bool,
    routed: bool,
    any: bool,
    ipv6: bool,
    interface_forwards: bool,
    on_link: bool,
}

impl Facts {
    const COUNT: u32 = 9;

    fn from_bits(bits: u32) -> Self {
        let bit = |index: u32| bits & (1 << index) != 0;
        Self {
            privileged: bit(0),
            exists: bit(1),
            own: bit(2),
            forwards: bit(3),
            routed: bit(4),
            any: bit(5),
            ipv6: bit(6),
            interface_forwards: bit(7),
            on_link: bit(8),
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        (0..1 << Self::COUNT).map(Self::from_bits)
    }
}

impl World for Facts {
    type Device = i32;
    type Interface = i32;

    fn privileged(&self) -> bool {
        self.privileged
    }
    fn device(&self, ifindex: i32) -> Option<i32> {
        self.exists.then_some(ifindex)
    }
    fn is_own(&self, _addr: &Ipv6Addr, _device: Option<&i32>) -> bool {
        self.own
    }
    fn forwards(&self) -> bool {
        self.forwards
    }
    fn route_device(&self, _addr: &Ipv6Addr) -> Option<i32> {
        self.routed.then_some(ROUTED)
    }
    fn any_device(&self) -> Option<i32> {
        self.any.then_some(ANY)
    }
    fn interface(&self, device: &i32) -> Option<i32> {
        self.ipv6.then_some(*device)
    }
    fn interface_forwards(&self, _interface: &i32) -> bool {
        self.interface_forwards
    }
    fn on_link(&self, _addr: &Ipv6Addr, _device: &i32) -> bool {
        self.on_link
    }
}

fn admit(world: &Facts, ifindex: i32, addr: Ipv6Addr) -> Result<i32, Refusal> {
    place(world, screen(world, ifindex, addr)?)
}

/// The same decision in the order in which the C code makes it.
fn as_in_c(facts: Facts, ifindex: i32, addr: Ipv6Addr) -> Result<i32, Refusal> {
    if !facts.privileged {
        return Err(Refusal::NotPermitted);
    }
    if addr == MULTICAST || facts.own {
        return Err(match addr {
            MULTICAST => Refusal::Multicast,
            _ => Refusal::OwnAddress,
        });
    }
    let mut dev = 0;
    if ifindex != 0 && facts.exists {
        dev = ifindex;
    }
    if ifindex == 0 {
        if facts.routed {
            dev = ROUTED;
        } else if !facts.forwards {
            return Err(Refusal::NotAvailable);
        } else if facts.any {
            dev = ANY;
        }
    }
    if dev == 0 {
        return Err(Refusal::NoDevice);
    }
    if !facts.ipv6 {
        return Err(if ifindex != 0 {
            Refusal::NoDevice
        } else {
            Refusal::NotAvailable
        });
    }
    if !facts.on_link && !facts.interface_forwards {
        return Err(Refusal::NotAvailable);
    }
    Ok(dev)
}

#[test]
fn every_combination_as_in_c() {
    let mut outcomes = std::collections::HashSet::new();
    for facts in Facts::all() {
        for ifindex in [0, NAMED, -1] {
            for addr in [ADDR, MULTICAST] {
                let expected = as_in_c(facts, ifindex, addr);
                let got = admit(&facts, ifindex, addr);
                assert_eq!(got, expected, "{facts:?} {ifindex} {addr}");
                outcomes.insert(format!("{got:?}"));
            }
        }
    }
    // Five refusals, and three devices to be admitted on (-1 is one that exists here).
    assert_eq!(outcomes.len(), 5 + 4, "{outcomes:?}");
}

#[test]
fn a_plain_join_is_admitted_on_the_device_named() {
    let world = Facts {
        privileged: true,
        exists: true,
        ipv6: true,
        on_link: true,
        ..Facts::default()
    };
    assert_eq!(admit(&world, NAMED, ADDR), Ok(NAMED));
}

/// Records which device the question after own addresses was about.
struct Asked(Cell<Option<Option<i32>>>);

impl World for Asked {
    type Device = i32;
    type Interface = i32;

    fn privileged(&self) -> bool {
        true
    }
    fn device(&self, ifindex: i32) -> Option<i32> {
        (ifindex == NAMED).then_some(ifindex)
    }
    fn is_own(&self, addr: &Ipv6Addr, device: Option<&i32>) -> bool {
        assert_eq!(*addr, ADDR);
        self.0.set(Some(device.copied()));
        true
    }
    fn forwards(&self) -> bool {
        unreachable!("decided before")
    }
    fn route_device(&self, _addr: &Ipv6Addr) -> Option<i32> {
        unreachable!("decided before")
    }
    fn any_device(&self) -> Option<i32> {
        unreachable!("decided before")
    }
    fn interface(&self, _device: &i32) -> Option<i32> {
        unreachable!("decided before")
    }
    fn interface_forwards(&self, _interface: &i32) -> bool {
        unreachable!("decided before")
    }
    fn on_link(&self, _addr: &Ipv6Addr, _device: &i32) -> bool {
        unreachable!("decided before")
    }
}

#[test]
fn own_addresses_are_sought_on_the_named_device_or_everywhere() {
    for (ifindex, expected) in [(NAMED, Some(NAMED)), (NAMED + 1, None), (0, None)] {
        let world = Asked(Cell::new(None));
        let refusal = screen(&world, ifindex, ADDR).map(|_| ());
        assert_eq!(refusal, Err(Refusal::OwnAddress));
        assert_eq!(world.0.get(), Some(expected), "ifindex {ifindex}");
    }
}
