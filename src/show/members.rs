// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6_members`: who holds which group. ABI.

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

/// Where a reader is. A line is a holder: interface index, device, address, `published`,
/// `dormant` or `yielding`, and who it is:
///
/// - `socket COOKIE uid UID pid PID`: the socket, and the user and process that joined by it, as the reader's
///   user and PID namespaces know them;
/// - `module NAME`: a caller inside the kernel;
/// - `addrconf COUNT`: so many addresses, for their subnet-router anycast;
/// - `adopted COUNT`: so many, sockets or others, that joined before the takeover.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    device: net_device::Identity,
    place: Place,
}

impl Lines for Cursor {
    type Line = Line;

    const START: Self = Self::at(net_device::Identity::FIRST);

    /// No lock is held for more than one look at the tables, or at a device's groups.
    fn line(&mut self, net: &Net) -> Option<Line> {
        loop {
            let (device, groups) = registry::next(net, Next::From(self.device))?;
            if device != self.device {
                *self = Self::at(device);
            }
            match groups.look(&mut self.place) {
                Look::Line(line) => return Some(line),
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
