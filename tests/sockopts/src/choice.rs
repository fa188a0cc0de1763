// SPDX-License-Identifier: GPL-2.0

//! Actions at random.

use crate::{
    action::{Action, Argument, Device, Form, Kind, Order, Packet, Pointer, User, SLOTS},
    pool::{address, ADDRESSES, ARGUMENT, INDEXES, LENGTHS, TIMES},
};
use rand::{seq::SliceRandom, Rng};
use std::net::Ipv6Addr;

/// Of 10 000 actions so many are of that kind.
type Weighted<R> = (u32, fn(&mut R) -> Action);

/// The next action. What takes the kernel long is rare.
pub fn action<R: Rng>(rng: &mut R) -> Action {
    let kinds: [Weighted<R>; 22] = [
        (3700, |rng| Action::Join(slot(rng), argument(rng))),
        (30, |rng| Action::Fill(slot(rng), argument(rng))),
        (1000, |rng| Action::Leave(slot(rng), argument(rng))),
        (800, |rng| Action::Open(slot(rng), kind(rng))),
        (300, |rng| Action::Close(slot(rng))),
        (100, |rng| Action::Get(slot(rng))),
        (500, |rng| {
            Action::Bind(slot(rng), bindable(rng), index(rng))
        }),
        (400, |rng| Action::Listen(slot(rng))),
        (150, |rng| Action::Convert(slot(rng))),
        (450, |rng| Action::Privilege(rng.gen_bool(0.7))),
        (250, |rng| Action::User(user(rng))),
        (400, |rng| {
            Action::Order(order(rng), any_address(rng), index(rng))
        }),
        (250, |rng| Action::Policy(rng.gen_range(0..4))),
        (150, |rng| Action::MaxGroups(max_groups(rng))),
        (60, |rng| Action::Forward(scope(rng), rng.gen())),
        (50, |rng| Action::Up(device(rng), rng.gen_bool(0.7))),
        (40, |rng| Action::Ipv6(device(rng), rng.gen_bool(0.7))),
        (30, |rng| Action::Small(device(rng), rng.gen_bool(0.3))),
        (400, |rng| added(rng)),
        (60, |rng| deleted(rng)),
        (60, |rng| Action::Presence(rng.gen_bool(0.7))),
        (650, |rng| Action::Packet(packet(rng))),
    ];
    let chosen = kinds.choose_weighted(rng, |kind| kind.0);
    chosen.expect("weights").1(rng)
}

/// Resumed most often, or most groups would be suspended.
pub fn order<R: Rng>(rng: &mut R) -> Order {
    match rng.gen_range(0..10) {
        0..=2 => Order::Suspend,
        3..=6 => Order::Resume,
        7..=8 => Order::Drain(time(rng)),
        _ => Order::Lease(time(rng)),
    }
}

fn time<R: Rng>(rng: &mut R) -> u32 {
    *TIMES.choose(rng).expect("a time")
}

fn user<R: Rng>(rng: &mut R) -> User {
    match rng.gen_bool(0.5) {
        true => User::Root,
        false => User::Other,
    }
}

pub fn slot<R: Rng>(rng: &mut R) -> usize {
    rng.gen_range(0..SLOTS)
}

fn kind<R: Rng>(rng: &mut R) -> Kind {
    let kinds = [
        (Kind::Udp, 5),
        (Kind::Tcp, 3),
        (Kind::Icmp, 1),
        (Kind::Udp4, 1),
    ];
    kinds
        .choose_weighted(rng, |kind| kind.1)
        .expect("weights")
        .0
}

/// Well-formed as a rule.
fn argument<R: Rng>(rng: &mut R) -> Argument {
    Argument {
        address: any_address(rng),
        index: index(rng),
        length: match rng.gen_bool(0.9) {
            true => ARGUMENT as i32,
            false => *LENGTHS.choose(rng).expect("a length"),
        },
        pointer: match rng.gen_bool(0.9) {
            true => Pointer::Good,
            false => pointer(rng),
        },
    }
}

fn pointer<R: Rng>(rng: &mut R) -> Pointer {
    match rng.gen_range(0..5) {
        0 => Pointer::Null,
        1 => Pointer::Low,
        2 => Pointer::Kernel,
        3 => Pointer::NonCanonical,
        _ => Pointer::Cut(rng.gen_range(0..ARGUMENT as u8)),
    }
}

/// The first ones, which can be groups, most often.
fn any_address<R: Rng>(rng: &mut R) -> Ipv6Addr {
    let count = if rng.gen_bool(0.7) {
        12
    } else {
        ADDRESSES.len()
    };
    address(ADDRESSES[..count].choose(rng).expect("an address"))
}

fn bindable<R: Rng>(rng: &mut R) -> Ipv6Addr {
    match rng.gen_bool(0.3) {
        true => Ipv6Addr::UNSPECIFIED,
        false => any_address(rng),
    }
}

fn index<R: Rng>(rng: &mut R) -> i32 {
    match rng.gen_range(0..10) {
        0..=5 => Device::Tap.index(),
        6..=7 => Device::Second.index(),
        _ => *INDEXES.choose(rng).expect("an index"),
    }
}

fn max_groups<R: Rng>(rng: &mut R) -> u32 {
    *[0, 2, 5, 65536, u32::MAX].choose(rng).expect("a number")
}

fn device<R: Rng>(rng: &mut R) -> Device {
    *Device::ALL.choose(rng).expect("a device")
}

fn scope<R: Rng>(rng: &mut R) -> Option<Device> {
    rng.gen_bool(0.5).then(|| device(rng))
}

/// Those that the device had at first come more often, or it would be bare most of the time.
fn added<R: Rng>(rng: &mut R) -> Action {
    let device = device(rng);
    let addresses = match rng.gen_bool(0.8) {
        true => device.addresses(),
        false => device.more_addresses(),
    };
    Action::AddAddress(device, address(addresses.choose(rng).expect("an address")))
}

fn deleted<R: Rng>(rng: &mut R) -> Action {
    let device = device(rng);
    let addresses = [device.addresses(), device.more_addresses()].concat();
    Action::DeleteAddress(device, address(addresses.choose(rng).expect("an address")))
}

fn packet<R: Rng>(rng: &mut R) -> Packet {
    let form = match rng.gen_range(0..10) {
        0..=3 => Form::Solicitation,
        4 => Form::UnicastSolicitation,
        5 => Form::Probe,
        6 => Form::Advertisement,
        7 => Form::Echo,
        8 => Form::Datagram,
        _ => Form::Syn(slot(rng)),
    };
    Packet {
        form,
        address: any_address(rng),
        damage: rng.gen_bool(0.2).then(|| (rng.gen(), rng.gen())),
    }
}
