// SPDX-License-Identifier: GPL-2.0

//! Admission: every combination of facts, against the decision told anew.

use crate::{
    decide::admission::{place, screen, Kernel, Policy, Refusal},
    properties::{bits, config},
};
use core::{cell::Cell, net::Ipv6Addr};
use proptest::prelude::*;

const ADDR: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const WELL_KNOWN: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0xfdff, 0xffff, 0xffff, 0xfffe);
/// Multicast, unspecified, loopback, IPv4-mapped.
const UNSUITABLE: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::UNSPECIFIED,
    Ipv6Addr::LOCALHOST,
    Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201),
];
const NAMED: i32 = 3;
const ROUTED: i32 = 5;
const ANY: i32 = 7;

/// Everything that admission may ask, as plain facts. A device is its index, an interface too.
#[derive(Clone, Copy, Debug)]
struct Facts {
    privileged: bool,
    policy: Policy,
    exists: bool,
    own: bool,
    forwards: bool,
    routed: bool,
    any: bool,
    ipv6: bool,
    interface_forwards: bool,
    /// Length of the prefix that the address is on.
    prefix: Option<u32>,
}

/// Nothing is true.
const NOTHING: Facts = Facts {
    privileged: false,
    policy: Policy::Nothing,
    exists: false,
    own: false,
    forwards: false,
    routed: false,
    any: false,
    ipv6: false,
    interface_forwards: false,
    prefix: None,
};

/// A device with a suitable prefix.
const HOST: Facts = Facts {
    exists: true,
    ipv6: true,
    prefix: Some(64),
    ..NOTHING
};

const POLICIES: [Policy; 3] = [Policy::Nothing, Policy::WellKnown, Policy::OnLink];

impl Facts {
    const COUNT: u32 = 8;

    fn from_bits(bits: u32, policy: Policy, prefix: Option<u32>) -> Self {
        let bit = |index: u32| bits & (1 << index) != 0;
        Self {
            privileged: bit(0),
            policy,
            exists: bit(1),
            own: bit(2),
            forwards: bit(3),
            routed: bit(4),
            any: bit(5),
            ipv6: bit(6),
            interface_forwards: bit(7),
            prefix,
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        POLICIES.into_iter().flat_map(|policy| {
            [None, Some(64), Some(48)]
                .into_iter()
                .flat_map(move |prefix| {
                    (0..1 << Self::COUNT).map(move |bits| Self::from_bits(bits, policy, prefix))
                })
        })
    }
}

impl Kernel for Facts {
    type Device = i32;
    type Interface = i32;

    fn privileged(&self) -> bool {
        self.privileged
    }
    fn policy(&self) -> Policy {
        self.policy
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
    fn on_prefix(&self, _: &Ipv6Addr, _: &i32, accepts: impl Fn(u32) -> bool) -> bool {
        self.prefix.is_some_and(accepts)
    }
}

fn admit(world: &Facts, ifindex: i32, addr: Ipv6Addr) -> Result<i32, Refusal> {
    place(world, screen(world, ifindex, addr)?)
}

/// The decision told anew: first what privilege or policy say of the address alone, then the device as
/// the C code finds it, then the prefix.
fn expected(facts: Facts, ifindex: i32, addr: Ipv6Addr) -> Result<i32, Refusal> {
    if !facts.privileged && facts.policy == Policy::Nothing {
        return Err(Refusal::NotPermitted);
    }
    if UNSUITABLE.contains(&addr) || facts.own {
        return Err(match UNSUITABLE.contains(&addr) {
            true => Refusal::Unsuitable,
            false => Refusal::OwnAddress,
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
    if facts.privileged {
        let reachable = facts.prefix.is_some() || facts.interface_forwards;
        return reachable.then_some(dev).ok_or(Refusal::NotAvailable);
    }
    let permitted = match (facts.policy, facts.prefix) {
        (_, None) => false,
        (Policy::OnLink, Some(_)) => true,
        // The only one of the two addresses that is well-known is so for this length.
        (_, Some(length)) => addr == WELL_KNOWN && length == 64,
    };
    permitted.then_some(dev).ok_or(Refusal::NotPermitted)
}

#[test]
fn every_combination() {
    let mut outcomes = std::collections::HashSet::new();
    for facts in Facts::all() {
        for ifindex in [0, NAMED, -1] {
            for addr in [ADDR, WELL_KNOWN].into_iter().chain(UNSUITABLE) {
                let expected = expected(facts, ifindex, addr);
                let got = admit(&facts, ifindex, addr);
                assert_eq!(got, expected, "{facts:?} {ifindex} {addr}");
                outcomes.insert(format!("{got:?}"));
            }
        }
    }
    // Five refusals, and three devices to be admitted on (-1 is one that exists here).
    assert_eq!(outcomes.len(), 5 + 4, "{outcomes:?}");
}

fn check(world: Facts, addr: Ipv6Addr, outcome: Result<i32, Refusal>) {
    assert_eq!(admit(&world, NAMED, addr), outcome, "{world:?} {addr}");
}

#[test]
fn who_may_join_what() {
    use Policy::*;
    let denied = Err(Refusal::NotPermitted);
    let user = |policy| Facts { policy, ..HOST };
    let root = |policy| Facts {
        privileged: true,
        ..user(policy)
    };
    for policy in POLICIES {
        check(root(policy), ADDR, Ok(NAMED));
        check(root(policy), WELL_KNOWN, Ok(NAMED));
    }
    check(user(Nothing), WELL_KNOWN, denied);
    check(user(Nothing), ADDR, denied);
    check(user(WellKnown), WELL_KNOWN, Ok(NAMED));
    check(user(WellKnown), ADDR, denied);
    check(user(OnLink), WELL_KNOWN, Ok(NAMED));
    check(user(OnLink), ADDR, Ok(NAMED));

    let off_link = |world: Facts| Facts {
        prefix: None,
        ..world
    };
    let router = |world: Facts| Facts {
        interface_forwards: true,
        ..world
    };
    check(off_link(root(OnLink)), ADDR, Err(Refusal::NotAvailable));
    check(off_link(router(root(Nothing))), ADDR, Ok(NAMED));
    check(off_link(router(user(OnLink))), ADDR, denied);
    check(off_link(router(user(WellKnown))), WELL_KNOWN, denied);
}

#[test]
fn policies_have_numbers() {
    for policy in POLICIES {
        assert_eq!(Policy::new(policy.number()), Some(policy));
    }
    assert_eq!(Policy::new(3), None);
    assert_eq!(Policy::new(u8::MAX), None);
}

/// Records which device the question after own addresses was about.
struct Asked(Cell<Option<Option<i32>>>);

impl Kernel for Asked {
    type Device = i32;
    type Interface = i32;

    fn privileged(&self) -> bool {
        true
    }
    fn policy(&self) -> Policy {
        Policy::Nothing
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
    fn on_prefix(&self, _: &Ipv6Addr, _: &i32, _: impl Fn(u32) -> bool) -> bool {
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

/// A host with several devices, each with its own addresses.
#[derive(Clone, Debug)]
struct Host {
    privileged: bool,
    policy: Policy,
    forwards: bool,
    /// From index one.
    devices: Vec<Device>,
    routed: Option<usize>,
}

#[derive(Clone, Debug)]
struct Device {
    ipv6: bool,
    forwards: bool,
    own: Vec<Ipv6Addr>,
    /// Lengths of the prefixes of the addresses.
    len: u32,
}

impl Kernel for Host {
    type Device = usize;
    type Interface = usize;

    fn privileged(&self) -> bool {
        self.privileged
    }
    fn policy(&self) -> Policy {
        self.policy
    }
    fn device(&self, ifindex: i32) -> Option<usize> {
        let index = usize::try_from(ifindex).ok()?.checked_sub(1)?;
        (index < self.devices.len()).then_some(index)
    }
    fn is_own(&self, addr: &Ipv6Addr, device: Option<&usize>) -> bool {
        let mut devices = self.devices.iter().enumerate();
        devices.any(|(index, here)| {
            device.is_none_or(|&device| device == index) && here.own.contains(addr)
        })
    }
    fn forwards(&self) -> bool {
        self.forwards
    }
    fn route_device(&self, _addr: &Ipv6Addr) -> Option<usize> {
        self.routed.filter(|&index| index < self.devices.len())
    }
    fn any_device(&self) -> Option<usize> {
        (!self.devices.is_empty()).then_some(0)
    }
    fn interface(&self, &device: &usize) -> Option<usize> {
        self.devices[device].ipv6.then_some(device)
    }
    fn interface_forwards(&self, &interface: &usize) -> bool {
        self.devices[interface].forwards
    }
    fn on_prefix(
        &self,
        addr: &Ipv6Addr,
        &interface: &usize,
        accepts: impl Fn(u32) -> bool,
    ) -> bool {
        let len = self.devices[interface].len;
        accepts(len) && self.devices[interface].is_on_prefix(addr)
    }
}

impl Device {
    fn is_on_prefix(&self, addr: &Ipv6Addr) -> bool {
        let prefix = |addr: &Ipv6Addr| bits(addr)[..self.len as usize].to_vec();
        self.own.iter().any(|own| prefix(own) == prefix(addr))
    }
}

/// Few addresses, so that they are often own ones, or on a prefix.
fn some_addr() -> impl Strategy<Value = Ipv6Addr> {
    let tails = prop_oneof![
        0..4_u128,
        Just(u128::from(WELL_KNOWN) & u128::from(u64::MAX))
    ];
    let nearby = (0..3_u128, tails)
        .prop_map(|(net, tail)| Ipv6Addr::from((0x2001_0db8_u128 << 96) | (net << 64) | tail));
    prop_oneof![8 => nearby, 1 => proptest::sample::select(UNSUITABLE.to_vec())]
}

fn host() -> impl Strategy<Value = Host> {
    let device = (
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::collection::vec(some_addr(), 0..3),
        prop_oneof![Just(64), Just(48), Just(120), Just(128)],
    );
    let device = device.prop_map(|(ipv6, forwards, own, len)| Device {
        ipv6,
        forwards,
        own,
        len,
    });
    (
        any::<bool>(),
        proptest::sample::select(POLICIES.to_vec()),
        any::<bool>(),
        prop::collection::vec(device, 0..4),
        prop::option::of(0..4_usize),
    )
        .prop_map(|(privileged, policy, forwards, devices, routed)| Host {
            privileged,
            policy,
            forwards,
            devices,
            routed,
        })
}

fn admit_to(host: &Host, ifindex: i32, addr: Ipv6Addr) -> Result<usize, Refusal> {
    place(host, screen(host, ifindex, addr)?)
}

proptest! {
    #![proptest_config(config())]

    /// Whoever is admitted, it is to a device that can do with the address.
    #[test]
    fn nobody_is_admitted_to_what_makes_no_sense(host in host(), ifindex in -1..5, addr in some_addr()) {
        let Ok(index) = admit_to(&host, ifindex, addr) else { return Ok(()) };
        let device = &host.devices[index];
        prop_assert!(device.ipv6);
        prop_assert!(!device.own.contains(&addr));
        prop_assert!(!UNSUITABLE.contains(&addr));
        prop_assert!(device.is_on_prefix(&addr) || (host.privileged && device.forwards));
        prop_assert!(ifindex == 0 || ifindex == index as i32 + 1);
    }

    /// By default, nobody without privilege gets an address that a neighbour may have.
    #[test]
    fn a_neighbour_loses_nothing(host in host(), ifindex in -1..5, addr in some_addr()) {
        let host = Host { privileged: false, policy: Policy::WellKnown, ..host };
        let Ok(index) = admit_to(&host, ifindex, addr) else { return Ok(()) };
        prop_assert_eq!(host.devices[index].len, 64);
        prop_assert_eq!(addr.segments()[4..7].to_vec(), [0xfdff, 0xffff, 0xffff]);
        prop_assert!(addr.segments()[7] >= 0xff80);
    }

    /// Who may do more is refused no more, and is admitted to the same device.
    #[test]
    fn a_privilege_takes_nothing_away(host in host(), ifindex in -1..5, addr in some_addr()) {
        let asked = |privileged, policy| {
            let host = Host { privileged, policy, ..host.clone() };
            admit_to(&host, ifindex, addr).ok()
        };
        let grown = [
            asked(false, Policy::Nothing),
            asked(false, Policy::WellKnown),
            asked(false, Policy::OnLink),
            asked(true, host.policy),
        ];
        prop_assert_eq!(grown[0], None);
        for pair in grown.windows(2) {
            prop_assert!(pair[0].is_none() || pair[0] == pair[1], "{:?}", grown);
        }
    }

    /// The policy is nothing to the privileged, and no number is taken for another.
    #[test]
    fn policies_are_for_others(host in host(), ifindex in -1..5, addr in some_addr(), value: u8) {
        let by = |policy| admit_to(&Host { privileged: true, policy, ..host.clone() }, ifindex, addr);
        prop_assert_eq!(by(Policy::Nothing), by(Policy::OnLink));
        prop_assert_eq!(by(Policy::Nothing), by(Policy::WellKnown));
        prop_assert_eq!(Policy::new(value).map(Policy::number), (value < 3).then_some(value));
    }
}
