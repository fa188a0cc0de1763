// SPDX-License-Identifier: GPL-2.0

//! How many objects of each kind the module has made, and how many of them have gone: what is not
//! given back shows in `/sys/kernel/debug/anycast6/objects`. For tests, no ABI.

use core::pin::Pin;
use kernel::{
    debugfs::{
        Dir,
        File,
        Writer, //
    },
    fmt,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// Network namespaces, with what they have of ours.
pub(crate) const NAMESPACES: usize = 0;
/// Devices with groups.
pub(crate) const INTERFACES: usize = 1;
/// Groups that somebody holds.
pub(crate) const GROUPS: usize = 2;
/// Memberships of sockets.
pub(crate) const MEMBERS: usize = 3;
/// Memberships that SYNs may find.
pub(crate) const JOINED: usize = 4;

/// What the kinds are called.
const NAMES: [&str; 5] = ["namespaces", "interfaces", "groups", "members", "joined"];

struct Count {
    made: Atomic<u64>,
    gone: Atomic<u64>,
}

static COUNTS: [Count; NAMES.len()] = [const {
    Count {
        made: Atomic::new(0),
        gone: Atomic::new(0),
    }
}; NAMES.len()];

/// An object of a kind, for as long as it lives.
pub(crate) struct Counted<const KIND: usize>(());

impl<const KIND: usize> Counted<KIND> {
    /// One more. Any context.
    pub(crate) fn new() -> Self {
        Self::count().made.add(1, Relaxed);
        Self(())
    }

    fn count() -> &'static Count {
        &COUNTS[KIND]
    }
}

impl<const KIND: usize> Drop for Counted<KIND> {
    fn drop(&mut self) {
        Self::count().gone.add(1, Relaxed);
    }
}

/// What the file says: `NAME MADE GONE`, a kind a line.
struct Objects;

impl Writer for Objects {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in NAMES.iter().zip(&COUNTS) {
            // What goes meanwhile has been made.
            let gone = count.gone.load(Relaxed);
            let made = count.made.load(Relaxed);
            writeln!(f, "{name} {made} {gone}")?;
        }
        Ok(())
    }
}

/// The file, for as long as this lives.
pub(crate) struct Shown {
    _file: Pin<KBox<File<Objects>>>,
    _dir: Dir,
}

impl Shown {
    /// Makes the file, if the kernel has debugfs. Fails with `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        let dir = Dir::new(c"anycast6");
        let file = dir.read_only_file(c"objects", Ok::<_, Error>(Objects));
        let file = KBox::pin_init(file, GFP_KERNEL)?;
        Ok(Self {
            _file: file,
            _dir: dir,
        })
    }
}
