// SPDX-License-Identifier: GPL-2.0

//! What addrconf and the administrator do to a device with groups.
//!
//! In the order of net/ipv6/addrconf.c and net/core/dev.c, under RTNL but for the deletion of a route. They
//! call whom they call in the kernel: the [`listeners()`] and, for the end of IPv6, who keeps the groups.

use super::program::Program;
use crate::{
    decide::service::{Order, GRACE},
    entry::events,
    fake::world::{at_once, lacks, step, with, Flaw, Idev, IdevNumber, Scope, World, GROUP},
    group::{self, alarm, user_order::UserOrder},
    sys::{
        inet6_dev::Inet6Dev, net_device::NetDevice, notifiers::listeners, route::Route, rtnl::Rtnl,
    },
};
use kernel::task::Kuid;

/// What happens to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Nothing,
    /// `ip link set down`, and `up`
    DownUp,
    /// `ip link set down`
    Down,
    /// `disable_ipv6` 1, and 0
    DisabledEnabled,
    /// An MTU below 1280, and back
    GoneBack,
    /// `ip link delete`
    Unregistered,
    /// `ip -6 route delete table local`
    RouteDeleted,
    /// The same, and again.
    RouteDeletedTwice,
    /// `ip -6 address add` of the group's address
    Numbered,
    /// The same, and it fails after the module has been asked.
    NumberedInVain,
    /// `ip -6 address add`, and `delete`
    NumberedAndBack,
    /// A router advertisement makes the address, of which nobody is asked.
    Advertised,
    /// The same, and it is deleted.
    AdvertisedAndBack,
    /// `ip -6 route flush` of the table to which the group is exported
    ExportDeleted,
    /// `net.ipv6.anycast6.export_table` is another, and none.
    TableChanged,
    /// The group is suspended.
    Suspended,
    /// The same, and it is resumed.
    SuspendedAndResumed,
    /// The same, and its device goes down and comes up meanwhile.
    SuspendedDownUp,
    /// The group is drained to its end.
    Drained,
    /// The same, and it is resumed in the end's grace.
    DrainedAndResumed,
    /// A lease runs out.
    Leased,
    /// The same, and it is renewed.
    LeasedAgain,
    /// The same as [`Event::DownUp`], and allocations fail while it comes up.
    UpWithoutMemory,
}

impl Event {
    /// What may change by it.
    pub(super) fn scope(self) -> Scope {
        Scope {
            device: matches!(
                self,
                Self::DownUp
                    | Self::Down
                    | Self::DisabledEnabled
                    | Self::GoneBack
                    | Self::Unregistered
                    | Self::SuspendedDownUp
                    | Self::UpWithoutMemory
            ),
            addresses: matches!(
                self,
                Self::Numbered
                    | Self::NumberedInVain
                    | Self::NumberedAndBack
                    | Self::Advertised
                    | Self::AdvertisedAndBack
            ),
            memory: self == Self::UpWithoutMemory,
            transition: false,
            export: matches!(self, Self::ExportDeleted | Self::TableChanged),
        }
    }

    pub(super) fn happen(self, program: Program) {
        match self {
            Self::Nothing => (),
            Self::Down => under_rtnl(down),
            Self::DownUp => {
                under_rtnl(down);
                under_rtnl(up);
            }
            Self::DisabledEnabled => {
                under_rtnl(disable);
                under_rtnl(enable);
            }
            Self::GoneBack => {
                under_rtnl(|| gone(program));
                under_rtnl(back);
            }
            Self::Unregistered => under_rtnl(|| unregister(program)),
            Self::RouteDeleted => lose_route(),
            Self::RouteDeletedTwice => {
                lose_route();
                lose_route();
            }
            Self::ExportDeleted => lose_export(),
            Self::TableChanged => {
                export_to(OTHER_TABLE);
                export_to(0);
            }
            Self::Suspended => order(Order::Suspend),
            Self::SuspendedAndResumed => {
                order(Order::Suspend);
                order(Order::Resume);
            }
            Self::SuspendedDownUp => {
                order(Order::Suspend);
                under_rtnl(down);
                order(Order::Resume);
                under_rtnl(up);
            }
            Self::Drained => {
                order(Order::Drain(1));
                wait(1);
                wait(GRACE);
            }
            Self::DrainedAndResumed => {
                order(Order::Drain(1));
                wait(1);
                order(Order::Resume);
            }
            Self::Leased => {
                order(Order::Lease(1));
                wait(1);
            }
            Self::LeasedAgain => {
                order(Order::Lease(1));
                wait(1);
                order(Order::Lease(1));
            }
            Self::Numbered => under_rtnl(number),
            Self::NumberedInVain => under_rtnl(|| {
                let _ = may_add();
            }),
            Self::NumberedAndBack => {
                under_rtnl(number);
                under_rtnl(unnumber);
            }
            Self::Advertised => advertised(),
            Self::AdvertisedAndBack => {
                advertised();
                under_rtnl(unnumber);
            }
            Self::UpWithoutMemory => {
                under_rtnl(down);
                step("runs out of memory", |world| world.no_memory = true);
                under_rtnl(up);
                step("has memory again", |world| world.no_memory = false);
            }
        }
    }
}

/// Does something under RTNL.
fn under_rtnl(action: impl FnOnce()) {
    let _rtnl = Rtnl::lock();
    action();
}

fn device() -> &'static NetDevice {
    NetDevice::nth(0)
}

/// The listener is called after the route has left its table.
fn lose_route() {
    let flushed = step("deletes the route of the group", |world| {
        let route = world.in_table;
        world.flush();
        route
    });
    // The list of routes to be deleted holds it.
    if let Some(route) = flushed {
        events::route_left(Route::nth(route));
    }
}

fn lose_export() {
    let flushed = step("deletes the export", World::flush_exports);
    if let Some(route) = flushed {
        events::route_left(Route::nth(route));
    }
}

/// A write of the sysctl.
fn export_to(table: u32) {
    step("exports to another table", |world| {
        world.export_table = table
    });
    if !lacks(Flaw::TableUnheard) {
        device().net().reconciler().soon();
    }
}

/// The administrator asks for something.
fn order(order: Order) {
    at_once("asks for something", |world| world.asked = true);
    let order = UserOrder {
        order,
        user: Kuid::current_euid(),
        privileged: true,
    };
    let _ = group::order(device(), &GROUP, order);
}

/// Time goes by, and the alarm rings.
fn wait(msecs: u64) {
    step("lets time go by", |world| world.now += msecs);
    if !lacks(Flaw::Unalarmed) {
        alarm::ring(device().net());
    }
}

/// Tables for exports.
pub(super) const TABLE: u32 = 200;
const OTHER_TABLE: u32 = 201;

fn down() {
    (listeners().device_going_down)(device(), Rtnl::held());
    step("takes the device down", |world| world.up = false);
    lose_route();
    (listeners().device_changed)(device(), Rtnl::held());
}

fn up() {
    step("brings the device up", |world| world.up = true);
    (listeners().device_changed)(device(), Rtnl::held());
}

/// There is no device event, but each address that comes or goes is one.
fn disable() {
    step("disables IPv6", |world| world.idevs[0].disabled = true);
    lose_route();
    // The link-local address goes.
    (listeners().address_changed)(device(), &LINK_LOCAL);
}

fn enable() {
    step("enables IPv6", |world| world.idevs[0].disabled = false);
    // The link-local address comes.
    (listeners().address_changed)(device(), &LINK_LOCAL);
}

const LINK_LOCAL: core::net::Ipv6Addr = core::net::Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

/// May the group's address be added? `inet6addr_validator_chain`
fn may_add() -> bool {
    let idev = with(|world| world.ipv6);
    idev.is_some_and(|idev| {
        (listeners().address_wanted)(Inet6Dev::nth(idev), &GROUP, Rtnl::held()).is_ok()
    })
}

/// `inet6_addr_add()`
fn number() {
    if !may_add() {
        return;
    }
    at_once("was agreed to", |world| world.agreed = true);
    add_address();
    route_address();
}

/// `addrconf_prefix_rcv()`, in softirq; its check for duplicates ends under RTNL.
fn advertised() {
    add_address();
    under_rtnl(route_address);
}

/// `ipv6_add_addr()`
fn add_address() {
    let add = |world: &mut World| world.unicast = Some(world.new_route());
    step("adds the address", add);
    (listeners().address_changed)(device(), &GROUP);
}

/// `addrconf_dad_completed()`: a route that is in the way is not told of.
fn route_address() {
    let insert = |world: &mut World| {
        world.routes_unicast = true;
        if let Some(route) = world.unicast {
            world.insert(route);
        }
    };
    step("inserts the route of the address", insert);
}

/// `ipv6_del_addr()`
fn unnumber() {
    let take = |world: &mut World| world.unicast.take();
    let Some(route) = step("takes the address away", take) else {
        return;
    };
    at_once("routes it no more", |world| world.routes_unicast = false);
    if step("deletes its route", |world| world.delete(route)) {
        events::route_left(Route::nth(route));
    }
    (listeners().address_changed)(device(), &GROUP);
}

fn gone(program: Program) {
    if end_of_ipv6(program) {
        (listeners().device_changed)(device(), Rtnl::held());
    }
}

/// `addrconf_ifdown()` with `unregister`. Says whether there was IPv6.
fn end_of_ipv6(program: Program) -> bool {
    lose_route();
    let find = |world: &mut World| world.ipv6;
    let Some(idev) = step("finds the IPv6 of the device", find) else {
        return false;
    };
    step("declares IPv6 dead", |world| world.idevs[idev].dead = true);
    step("takes IPv6 off the device", |world| world.ipv6 = None);
    program.ipv6_gone(Inet6Dev::nth(idev));
    drop_multicast(idev);
    true
}

/// `ipv6_mc_destroy_dev()`
fn drop_multicast(idev: IdevNumber) {
    step("drops the multicast groups", |world| {
        world.idevs[idev].solicited = 0
    });
}

fn back() {
    step("puts IPv6 on the device", |world| {
        world.ipv6 = Some(world.idevs_made);
        world.idevs[world.idevs_made] = Idev::default();
        world.idevs_made += 1;
    });
    (listeners().device_changed)(device(), Rtnl::held());
}

fn unregister(program: Program) {
    down();
    step("unlists the device", |world| world.unregistered = true);
    end_of_ipv6(program);
    (listeners().device_gone)(device());
}
