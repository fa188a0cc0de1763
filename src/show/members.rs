// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6_members`: the holders of each group. ABI.

use crate::{
    decide::pass::Next,
    group::{
        registry,
        set::{
            Line,
            Look,
            Place, //
        },
    },
    sys::{
        net::Net,
        net_device,
        seq_lines::Lines, //
    },
};

/// The position of a reader. A line is a holder: ifindex, device, address, state (`published`, `draining`,
/// `suspended`, `dormant`, `yielding` or `off`) and one of:
///
/// - `socket COOKIE uid UID pid PID`: a socket, and the user and process that joined with it, in
///   the reader's user and PID namespaces;
/// - `module NAME`: a caller inside the kernel;
/// - `addrconf COUNT`: addrconf, for the subnet-router anycast of that many addresses;
/// - `adopted COUNT`: the holders, sockets or others, from before the takeover.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    device: net_device::Identity,
    place: Place,
}

impl Lines for Cursor {
    type Line = Line;

    const START: Self = Self::at(net_device::Identity::FIRST);

    /// Each lock is held for one look at the registry or at a device's groups only.
    fn line(&mut self, net: &Net) -> Option<Line> {
        loop {
            let (device, groups) = registry::next(net, Next::From(self.device))?;
            if device != self.device {
                *self = Self::at(device);
            }
            match groups.look(&mut self.place) {
                Look::Found(line) => return Some(line),
                Look::Further => (),
                Look::End => *self = Self::at(device.next()),
            }
        }
    }

    fn advance(&mut self) {
        self.place = self.place.next();
    }
}

impl Cursor {
    const fn at(device: net_device::Identity) -> Self {
        Self {
            device,
            place: Place::FIRST,
        }
    }
}
