// SPDX-License-Identifier: GPL-2.0

//! The module's own files in `/proc/net`: `anycast6_stat` and `anycast6_members`.
//!
//! C headers: `include/linux/proc_fs.h`, `include/linux/seq_file_net.h`

use super::{
    exports::errno,
    face::Face,
    net::Net, //
};
use crate::{
    bindings,
    listing, //
};
use core::ffi::{
    c_int,
    c_void, //
};
use kernel::{
    prelude::*,
    seq_file::SeqFile, //
};

/// Everybody may read what happened; who holds what is the administrator's business.
const FILES: [(&CStr, u16, Show); 2] = [
    (c"anycast6_stat", 0o444, show_stat),
    (c"anycast6_members", 0o400, show_members),
];

type Show = unsafe extern "C" fn(*mut bindings::seq_file, *mut c_void) -> c_int;

/// Makes the files of `net`. Fails with `ENOMEM`; then there are none.
pub(super) fn begin(net: &Net) -> Result {
    for (made, (name, mode, show)) in FILES.into_iter().enumerate() {
        // SAFETY: The namespace is alive, and the rest static.
        let entry = unsafe {
            bindings::anycast6_helper_proc_create(
                net.as_ptr(),
                name.as_char_ptr(),
                mode,
                Some(show),
            )
        };
        if entry.is_null() {
            remove(net, made);
            return Err(ENOMEM);
        }
    }
    Ok(())
}

/// Takes the files away. Waits for those who read one.
pub(super) fn end(net: &Net) {
    remove(net, FILES.len());
}

/// Takes the first `count` files away.
fn remove(net: &Net, count: usize) {
    for (name, ..) in FILES.into_iter().take(count) {
        // SAFETY: The namespace is alive, and the file there.
        unsafe { bindings::anycast6_helper_proc_remove(net.as_ptr(), name.as_char_ptr()) };
    }
}

/// # Safety
///
/// From seq_file, on such a file. Process context.
unsafe extern "C" fn show_stat(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: The file is open and nobody else uses it; it holds its namespace.
    let (net, seq) = unsafe { opened(seq) };
    listing::stat(net, seq);
    0
}

/// # Safety
///
/// From seq_file, on such a file. Process context.
unsafe extern "C" fn show_members(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: As above.
    let (net, seq) = unsafe { opened(seq) };
    errno(listing::members(net, seq))
}

/// The namespace of an open file, and the file.
///
/// # Safety
///
/// The file is open for `'a`, is one of [`FILES`], and nobody else uses it.
unsafe fn opened<'a>(seq: *mut bindings::seq_file) -> (&'a Net, &'a SeqFile) {
    // SAFETY: As promised.
    unsafe {
        (
            Net::from_raw(bindings::anycast6_helper_seq_single_net(seq)),
            SeqFile::from_raw(seq.cast()),
        )
    }
}
