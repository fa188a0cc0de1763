// SPDX-License-Identifier: GPL-2.0

//! A reader's way through the groups of a namespace, for what is shown of them.
//!
//! Process context. Each lock is held for one look at the registry, or at some groups of a device, only.

use super::{
    group::Group,
    members::{
        Shown,
        Turn, //
    },
    place::{
        Look,
        Place, //
    },
    registry, //
};
use crate::{
    decide::pass::Next,
    publish::monitor::Report,
    sys::{
        net::Net,
        net_device::{
            self,
            NetDevice, //
        },
    },
};
use core::net::Ipv6Addr;

/// The position of a reader among the groups and holders of a namespace.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    device: net_device::Identity,
    place: Place,
}

/// A holder of a group.
pub(crate) struct Held {
    pub(crate) ifindex: i32,
    pub(crate) device: net_device::Name,
    pub(crate) addr: Ipv6Addr,
    pub(crate) condition: &'static str,
    pub(crate) holder: Shown,
}

impl Cursor {
    /// Before all groups.
    pub(crate) const START: Self = Self::at(net_device::Identity::FIRST);

    const fn at(device: net_device::Identity) -> Self {
        Self {
            device,
            place: Place::FIRST,
        }
    }

    /// The first held group from here on, of the device with the index `only` or of any.
    pub(crate) fn group(&mut self, net: &Net, only: Option<i32>) -> Option<Report> {
        self.find(net, only, |device, group, _| {
            group.is_held().then(|| group.report(device))
        })
    }

    /// The first holder from here on.
    pub(crate) fn holder(&mut self, net: &Net) -> Option<Held> {
        self.find(net, None, Held::of)
    }

    fn find<T>(
        &mut self,
        net: &Net,
        only: Option<i32>,
        look: fn(&NetDevice, &Group, &mut Turn) -> Option<T>,
    ) -> Option<T> {
        loop {
            let (device, groups) = registry::next(net, Next::From(self.device))?;
            if device != self.device {
                *self = Self::at(device);
            }
            let found = match only {
                Some(ifindex) if ifindex != groups.ifindex() => Look::End,
                _ => groups.find(&mut self.place, look),
            };
            match found {
                Look::Found(found) => return Some(found),
                Look::Further => (),
                Look::End => *self = Self::at(device.next()),
            }
        }
    }

    /// Goes to the next group.
    pub(crate) fn pass_group(&mut self) {
        self.place.pass_group();
    }

    /// Goes to the next holder.
    pub(crate) fn pass_holder(&mut self) {
        self.place.pass_holder();
    }
}

impl Held {
    /// The first holder of `group` at `turn` or after it; `turn` is set to it.
    fn of(device: &NetDevice, group: &Group, turn: &mut Turn) -> Option<Self> {
        let holder;
        (*turn, holder) = group.holder_from(*turn)?;
        Some(Self {
            ifindex: device.ifindex(),
            device: device.name(),
            addr: group.addr(),
            condition: group.condition(device).name(),
            holder,
        })
    }
}
