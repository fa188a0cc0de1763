// SPDX-License-Identifier: GPL-2.0

//! What the module's own files say: `/proc/net/anycast6_stat` and `/proc/net/anycast6_members`.
//!
//! Both are the module's ABI. Process context.

use crate::{
    logic::counter::Counter,
    sys::net::Net,
    tables, //
};
use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};

/// A counter a line, `name value`.
pub(crate) fn stat(net: &Net, seq: &SeqFile) {
    for counter in Counter::ALL {
        seq_print!(seq, "{} {}\n", counter.name(), net.stats().get(counter));
    }
}

/// A holder a line: interface index, device, address, `published` or `dormant`, and who it is:
///
/// - `socket COOKIE uid UID pid PID`: the socket, and the user and process that joined by it, in the
///   reader's user namespace and the initial PID namespace;
/// - `module NAME`: a caller inside the kernel;
/// - `addrconf COUNT`: so many addresses, for their subnet-router anycast;
/// - `adopted COUNT`: so many, sockets or others, that joined before the takeover.
///
/// Fails with `ENOMEM`.
pub(crate) fn members(net: &Net, seq: &SeqFile) -> Result {
    for interface in tables::all()? {
        if interface.is_in(net) {
            interface.list(seq);
        }
    }
    Ok(())
}
