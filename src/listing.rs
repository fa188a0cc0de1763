// SPDX-License-Identifier: GPL-2.0

//! What the module's own files say: `/proc/net/anycast6_stat` and `/proc/net/anycast6_members`.
//!
//! Both are the module's ABI. Process context.

use crate::{
    ledger::{
        Line,
        Look,
        Place, //
    },
    logic::{
        counter::Counter,
        pass::Next, //
    },
    sys::{
        net::Net,
        net_device, //
    },
    tables,
};
use kernel::{
    seq_file::SeqFile,
    seq_print, //
};

/// A counter a line, `name value`.
pub(crate) fn stat(net: &Net, seq: &SeqFile) {
    for counter in Counter::ALL {
        seq_print!(seq, "{} {}\n", counter.name(), net.stats().get(counter));
    }
}

/// Where a reader of `anycast6_members` is. A line is a holder: interface index, device, address, `published`,
/// `dormant` or `yielding`, and who it is:
///
/// - `socket COOKIE uid UID pid PID`: the socket, and the user and process that joined by it, as the reader's
///   user and PID namespaces know them;
/// - `module NAME`: a caller inside the kernel;
/// - `addrconf COUNT`: so many addresses, for their subnet-router anycast;
/// - `adopted COUNT`: so many, sockets or others, that joined before the takeover.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    device: net_device::Identity,
    place: Place,
}

impl Cursor {
    /// Before all lines.
    pub(crate) const START: Self = Self::at(net_device::Identity::FIRST);

    /// The line here or, if that is none, the first one behind, where the cursor is then. No lock is held for more
    /// than one look at the tables, or at a device's groups.
    pub(crate) fn line(&mut self, net: &Net) -> Option<Line> {
        loop {
            let (device, interface) = tables::next(net, Next::From(self.device))?;
            if device != self.device {
                *self = Self::at(device);
            }
            match interface.look(&mut self.place) {
                Look::Line(line) => return Some(line),
                Look::Further => (),
                Look::End => *self = Self::at(device.next()),
            }
        }
    }

    /// Goes behind the line here.
    pub(crate) fn advance(&mut self) {
        self.place = self.place.next();
    }

    const fn at(device: net_device::Identity) -> Self {
        Self {
            device,
            place: Place::FIRST,
        }
    }
}
