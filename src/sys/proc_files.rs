// SPDX-License-Identifier: GPL-2.0

//! Files in `/proc/net`.
//!
//! C headers: `include/linux/proc_fs.h`, `include/linux/seq_file_net.h`

use super::{
    face::Face,
    net::Net,
    seq_lines::{
        self,
        Lines,
        Reader, //
    },
};
use crate::bindings;
use core::ffi::{
    c_int,
    c_void, //
};
use kernel::{
    fmt::Display,
    prelude::*,
    seq_file::SeqFile, //
};

/// The content of a file that is written in one go.
pub(crate) trait Text {
    /// Writes the content, for a reader in `net`. Process context.
    fn show(net: &Net, seq: &SeqFile);
}

/// A file that each namespace has.
pub(crate) struct File {
    name: &'static CStr,
    mode: u16,
    content: Content,
}

/// The kind of a file.
enum Content {
    Text(unsafe extern "C" fn(*mut bindings::seq_file, *mut c_void) -> c_int),
    /// The second is the size of the kernel's state for each reader, which is zeroed at first.
    Lines(bindings::seq_operations, u32),
}

impl File {
    /// A file that is written in one go.
    pub(crate) const fn text<T: Text>(name: &'static CStr, mode: u16) -> Self {
        Self {
            name,
            mode,
            content: Content::Text(show::<T>),
        }
    }

    /// A file that is read line by line.
    pub(crate) const fn lines<L: Lines<Line: Display>>(name: &'static CStr, mode: u16) -> Self {
        Self {
            name,
            mode,
            content: Content::Lines(seq_lines::operations::<L>(), size_of::<Reader<L>>() as u32),
        }
    }

    /// Creates it in `net`. Fails with `ENOMEM`.
    fn make(&'static self, net: &Net) -> Result {
        let (net, name, mode) = (net.as_ptr(), self.name.as_char_ptr(), self.mode);
        // SAFETY: The namespace is alive, and the rest static. What the kernel keeps for each reader begins as
        // `seq_lines` wants it.
        let entry = unsafe {
            match &self.content {
                Content::Text(show) => {
                    bindings::anycast6_helper_proc_create(net, name, mode, Some(*show))
                }
                Content::Lines(operations, size) => {
                    bindings::anycast6_helper_proc_create_seq(net, name, mode, operations, *size)
                }
            }
        };
        if entry.is_null() {
            return Err(ENOMEM);
        }
        Ok(())
    }
}

/// Creates `files` in `net`. Fails with `ENOMEM`; there are none then.
pub(super) fn begin(net: &Net, files: &'static [File]) -> Result {
    for (made, file) in files.iter().enumerate() {
        file.make(net)
            .inspect_err(|_| end(net, files.get(..made).unwrap_or_default()))?;
    }
    Ok(())
}

/// Removes `files`. Waits for readers.
pub(super) fn end(net: &Net, files: &'static [File]) {
    for file in files {
        // SAFETY: The namespace is alive, and the file there.
        unsafe { bindings::anycast6_helper_proc_remove(net.as_ptr(), file.name.as_char_ptr()) };
    }
}

/// # Safety
///
/// From seq_file, on such a file. Process context.
unsafe extern "C" fn show<T: Text>(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: The file is open and nobody else uses it; it holds its namespace.
    let (net, seq) = unsafe {
        (
            Net::from_raw(bindings::anycast6_helper_seq_single_net(seq)),
            SeqFile::from_raw(seq.cast()),
        )
    };
    T::show(net, seq);
    0
}
