// SPDX-License-Identifier: GPL-2.0

//! What addrconf and the administrator do to a device with groups.
//!
//! In the order of net/ipv6/addrconf.c and net/core/dev.c, under RTNL but for the deletion of a route.

use super::{
    kernel::{Idev, Inet6Dev, Kernel},
    program::Program,
};
use crate::explorer::Stage;
use std::task::Poll;

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
    /// The same as [`Event::DownUp`], and allocations fail while it comes up.
    UpWithoutMemory,
}

impl Kernel {
    pub(super) fn take_rtnl(&mut self) -> Poll<()> {
        match self.rtnl {
            true => Poll::Pending,
            false => {
                self.rtnl = true;
                Poll::Ready(())
            }
        }
    }
}

impl Event {
    pub(super) async fn happen(self, stage: &Stage<Kernel>, program: &Program) {
        match self {
            Self::Nothing => (),
            Self::Down => rtnl(stage, down(stage, program)).await,
            Self::DownUp => {
                rtnl(stage, down(stage, program)).await;
                rtnl(stage, up(stage, program)).await;
            }
            Self::DisabledEnabled => {
                rtnl(stage, disable(stage)).await;
                rtnl(stage, enable(stage)).await;
            }
            Self::GoneBack => {
                rtnl(stage, gone(stage, program)).await;
                rtnl(stage, back(stage, program)).await;
            }
            Self::Unregistered => rtnl(stage, unregister(stage, program)).await,
            Self::RouteDeleted => lose_route(stage).await,
            Self::RouteDeletedTwice => {
                lose_route(stage).await;
                lose_route(stage).await;
            }
            Self::Numbered => rtnl(stage, number(stage, program)).await,
            Self::NumberedInVain => {
                rtnl(stage, async {
                    if program.may_add().await {
                        ask_for_look(stage).await;
                    }
                })
                .await;
            }
            Self::NumberedAndBack => {
                rtnl(stage, number(stage, program)).await;
                rtnl(stage, unnumber(stage)).await;
            }
            Self::Advertised => advertised(stage).await,
            Self::AdvertisedAndBack => {
                advertised(stage).await;
                rtnl(stage, unnumber(stage)).await;
            }
            Self::UpWithoutMemory => {
                rtnl(stage, down(stage, program)).await;
                stage
                    .step("runs out of memory", |k| k.no_memory = true)
                    .await;
                rtnl(stage, up(stage, program)).await;
                stage
                    .step("has memory again", |k| k.no_memory = false)
                    .await;
            }
        }
    }
}

/// Does something under RTNL.
async fn rtnl(stage: &Stage<Kernel>, action: impl std::future::Future<Output = ()>) {
    stage.act("takes RTNL", Kernel::take_rtnl).await;
    action.await;
    stage.at_once("gives RTNL back", |k| k.rtnl = false);
}

/// The listener is called after the route has left its table.
async fn lose_route(stage: &Stage<Kernel>) {
    stage
        .step("deletes the route of the group", Kernel::flush)
        .await;
    let hear = |k: &mut Kernel| k.hears_of_loss();
    if stage.step("tells of the deleted route", hear).await {
        soon(stage).await;
    }
}

/// `src/group/reconcile.rs`
async fn soon(stage: &Stage<Kernel>) {
    stage.step("counts the event", |k| k.events += 1).await;
    ask_for_work(stage).await;
}

/// The same under RTNL, which keeps the worker from reading the number of events meanwhile.
async fn soon_under_rtnl(stage: &Stage<Kernel>) {
    stage.at_once("counts the event", |k| k.events += 1);
    ask_for_work(stage).await;
}

async fn ask_for_work(stage: &Stage<Kernel>) {
    let ask = |k: &mut Kernel| k.work.soon |= k.heard;
    stage.step("asks for work", ask).await;
}

async fn down(stage: &Stage<Kernel>, program: &Program) {
    stage.step("takes the device down", |k| k.up = false).await;
    lose_route(stage).await;
    program.device_changed().await;
}

async fn up(stage: &Stage<Kernel>, program: &Program) {
    stage.step("brings the device up", |k| k.up = true).await;
    program.device_changed().await;
}

/// There is no device event, but each address that comes or goes is one.
async fn disable(stage: &Stage<Kernel>) {
    stage
        .step("disables IPv6", |k| k.idevs[0].disabled = true)
        .await;
    lose_route(stage).await;
    // The address goes.
    soon_under_rtnl(stage).await;
}

async fn enable(stage: &Stage<Kernel>) {
    stage
        .step("enables IPv6", |k| k.idevs[0].disabled = false)
        .await;
    // The first address comes.
    soon_under_rtnl(stage).await;
}

/// `inet6_addr_add()`
async fn number(stage: &Stage<Kernel>, program: &Program) {
    if !program.may_add().await {
        return;
    }
    ask_for_look(stage).await;
    stage.at_once("was agreed to", |k| k.agreed = true);
    add_address(stage).await;
    route_address(stage).await;
}

/// `events::address_wanted()`
async fn ask_for_look(stage: &Stage<Kernel>) {
    soon_under_rtnl(stage).await;
}

/// `addrconf_prefix_rcv()`, in softirq; its check for duplicates ends under RTNL.
async fn advertised(stage: &Stage<Kernel>) {
    add_address(stage).await;
    rtnl(stage, route_address(stage)).await;
}

/// `ipv6_add_addr()`
async fn add_address(stage: &Stage<Kernel>) {
    let add = |k: &mut Kernel| k.unicast = Some(k.new_route());
    stage.step("adds the address", add).await;
    let settled = |k: &mut Kernel| k.expected = false;
    stage.step("tells of the address", settled).await;
    soon(stage).await;
}

/// `addrconf_dad_completed()`: a route that is in the way is not told of.
async fn route_address(stage: &Stage<Kernel>) {
    let insert = |k: &mut Kernel| {
        k.routes_unicast = true;
        if let Some(route) = k.unicast {
            k.insert(route);
        }
    };
    stage.step("inserts the route of the address", insert).await;
}

/// `ipv6_del_addr()`
async fn unnumber(stage: &Stage<Kernel>) {
    let Some(route) = stage
        .step("takes the address away", |k| k.unicast.take())
        .await
    else {
        return;
    };
    stage.at_once("routes it no more", |k| k.routes_unicast = false);
    let delete = |k: &mut Kernel| {
        let was_there = k.in_table == Some(route);
        k.delete(route);
        was_there && k.hears_of_loss()
    };
    if stage.step("deletes its route", delete).await {
        soon_under_rtnl(stage).await;
    }
    soon_under_rtnl(stage).await;
}

async fn gone(stage: &Stage<Kernel>, program: &Program) {
    let idev = end_of_ipv6(stage, program).await;
    if idev.is_some() {
        program.device_changed().await;
    }
}

/// `addrconf_ifdown()` with `unregister`
async fn end_of_ipv6(stage: &Stage<Kernel>, program: &Program) -> Option<Idev> {
    lose_route(stage).await;
    let idev = stage
        .step("finds the IPv6 of the device", |k| k.ipv6)
        .await?;
    stage
        .step("declares IPv6 dead", |k| k.idevs[idev].dead = true)
        .await;
    stage
        .step("takes IPv6 off the device", |k| k.ipv6 = None)
        .await;
    program.ipv6_gone(idev).await;
    // `ipv6_mc_destroy_dev()`
    stage
        .step("drops the multicast groups", |k| {
            k.idevs[idev].solicited = 0
        })
        .await;
    Some(idev)
}

async fn back(stage: &Stage<Kernel>, program: &Program) {
    let add = |k: &mut Kernel| {
        k.ipv6 = Some(k.idevs.len());
        k.idevs.push(Inet6Dev::default());
    };
    stage.step("puts IPv6 on the device", add).await;
    program.device_changed().await;
}

async fn unregister(stage: &Stage<Kernel>, program: &Program) {
    down(stage, program).await;
    stage
        .step("unlists the device", |k| k.unregistered = true)
        .await;
    end_of_ipv6(stage, program).await;
    program.device_gone().await;
}
