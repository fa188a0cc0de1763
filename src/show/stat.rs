// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6_stat`: one counter per line, `NAME VALUE`. ABI.

use crate::{
    decide::counter::Counter,
    sys::{
        net::Net,
        proc_files::Text, //
    },
};
use kernel::{
    seq_file::SeqFile,
    seq_print, //
};

/// The file.
pub(super) struct Stat;

impl Text for Stat {
    fn show(net: &Net, seq: &SeqFile) {
        for counter in Counter::ALL {
            seq_print!(seq, "{} {}\n", counter.name(), net.stats().get(counter));
        }
    }
}
