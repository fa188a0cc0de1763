// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/anycast6/objects` counts the module's objects, for leak checks. For tests, no
//! ABI.

use crate::sys::objects::counts;
use core::pin::Pin;
use kernel::{
    debugfs::{
        Dir,
        File,
        Writer, //
    },
    fmt,
    prelude::*, //
};

/// The content of the file: `NAME MADE GONE`, one line for each kind of object.
struct Objects;

impl Writer for Objects {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, made, gone) in counts() {
            writeln!(f, "{name} {made} {gone}")?;
        }
        Ok(())
    }
}

/// The file; dropping this removes it.
pub(crate) struct Shown {
    _file: Pin<KBox<File<Objects>>>,
    _dir: Dir,
}

impl Shown {
    /// Creates the file, if the kernel has debugfs. Fails with `ENOMEM`.
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
