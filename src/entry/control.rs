// SPDX-License-Identifier: GPL-2.0

//! Requests that change what the host does for a group (`include/anycast6.yaml`).
//!
//! Process context, without locks.

use crate::{
    decide::service::{
        Order,
        Refusal, //
    },
    group::{
        self,
        user_order::{
            OrderError,
            UserOrder, //
        },
    },
    sys::{
        genl::{
            Command,
            GroupAttribute,
            Request, //
        },
        net_device::NetDevice, //
    },
};
use core::ffi::CStr;
use kernel::{
    prelude::*,
    sync::aref::ARef,
    task::Kuid, //
};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Suspend,
    Resume,
    Drain,
    Lease,
}

/// Carries out a request. Fails with
///
/// - `EINVAL` when an attribute is missing or wrong, or the group cannot drain;
/// - `ENODEV` when there is no such device;
/// - `ENOENT` when it has no such group;
/// - `EPERM` when the user may not;
/// - `EAGAIN` while a livepatch transition goes on;
/// - `ENOMEM`.
///
/// Nothing has changed then, and the program is told why in words.
pub(crate) fn request(request: &Request<'_>, operation: Operation) -> Result {
    let device = device(request)?;
    let addr = request.addr(GroupAttribute::Address)?;
    let order = order(request, operation)?;
    // What else the program could open belongs to somebody else.
    let user = request.opened_by();
    let privileged = request.is_privileged();
    if user != Kuid::current_euid() && !privileged {
        request.refuse(c"another user has opened the socket");
        return Err(EPERM);
    }
    let order = UserOrder {
        order,
        user,
        privileged,
    };
    group::order(&device, &addr, order).map_err(|err| match err {
        OrderError::Refused(refusal) => refused(request, refusal),
        OrderError::Failed(err) => failed(request, err),
    })
}

/// Answers a request for one group. Fails as [`request()`] does.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let device = device(request)?;
    let addr = request.addr(GroupAttribute::Address)?;
    let report = group::report(&device, &addr).map_err(|err| failed(request, err))?;
    request.reply(Command::GroupGet, |message| report.write(message))
}

/// The device of a request. Fails with `EINVAL` or `ENODEV`.
fn device(request: &Request<'_>) -> Result<ARef<NetDevice>> {
    let number = request.number(GroupAttribute::Ifindex)?;
    let device = i32::try_from(number).ok();
    let device = device.and_then(|ifindex| request.net().device(ifindex));
    device.ok_or_else(|| {
        request.blame(GroupAttribute::Ifindex, c"there is no such device");
        ENODEV
    })
}

/// Says why there is no such group.
fn failed(request: &Request<'_>, err: Error) -> Error {
    if err == ENOENT {
        request.blame(GroupAttribute::Address, c"the device has no such group");
    } else if err == EAGAIN {
        request.refuse(c"the module is being loaded or unloaded");
    }
    err
}

fn order(request: &Request<'_>, operation: Operation) -> Result<Order> {
    let time = || request.number(GroupAttribute::Time);
    Ok(match operation {
        Operation::Suspend => Order::Suspend,
        Operation::Resume => Order::Resume,
        Operation::Drain => Order::Drain(time()?),
        Operation::Lease => Order::Lease(time()?),
    })
}

fn refused(request: &Request<'_>, refusal: Refusal) -> Error {
    if refusal == Refusal::NoTime {
        request.blame(GroupAttribute::Time, text(refusal));
    } else {
        request.refuse(text(refusal));
    }
    match refusal {
        Refusal::NotHeld | Refusal::Shared | Refusal::Privileged => EPERM,
        Refusal::Suspended | Refusal::NoTime => EINVAL,
    }
}

fn text(refusal: Refusal) -> &'static CStr {
    match refusal {
        Refusal::NotHeld => c"this takes CAP_NET_ADMIN, or a user who holds the group",
        Refusal::Shared => c"others hold the group, too: this takes CAP_NET_ADMIN",
        Refusal::Privileged => {
            c"the administrator has asked for what is now: this takes CAP_NET_ADMIN"
        }
        Refusal::Suspended => c"the group is suspended",
        Refusal::NoTime => c"a drain takes at least a millisecond",
    }
}
