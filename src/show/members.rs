// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6_members`: the holders of each group. ABI.

use crate::{
    group::cursor::{
        Cursor,
        Held, //
    },
    sys::{
        net::Net,
        seq_lines::Lines, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
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
pub(crate) struct Holders(Cursor);

impl Lines for Holders {
    type Line = Held;

    const START: Self = Self(Cursor::START);

    fn line(&mut self, net: &Net) -> Option<Held> {
        self.0.holder(net)
    }

    fn advance(&mut self) {
        self.0.pass_holder();
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.condition;
        let (ifindex, device, addr, holder) =
            (self.ifindex, &self.device, &self.addr, &self.holder);
        f.write_fmt(fmt!("{ifindex} {device} {addr:?} {state} {holder}"))
    }
}
