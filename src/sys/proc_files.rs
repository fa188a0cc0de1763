// SPDX-License-Identifier: GPL-2.0

//! The module's own files in `/proc/net`: `anycast6_stat` and `anycast6_members`.
//!
//! C headers: `include/linux/proc_fs.h`, `include/linux/seq_file_net.h`

use super::{
    face::Face,
    members::{
        self,
        MembersReader, //
    },
    net::Net,
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
const FILES: [(&CStr, Make); 2] = [
    (c"anycast6_stat", make_stat),
    (c"anycast6_members", make_members),
];

/// Makes a file of a namespace. Null for want of memory.
type Make = fn(&Net, &'static CStr) -> *mut bindings::proc_dir_entry;

fn make_stat(net: &Net, name: &'static CStr) -> *mut bindings::proc_dir_entry {
    let (net, name) = (net.as_ptr(), name.as_char_ptr());
    // SAFETY: The namespace is alive, and the rest static.
    unsafe { bindings::anycast6_helper_proc_create(net, name, 0o444, Some(show_stat)) }
}

fn make_members(net: &Net, name: &'static CStr) -> *mut bindings::proc_dir_entry {
    let (net, name) = (net.as_ptr(), name.as_char_ptr());
    let size = size_of::<MembersReader>() as u32;
    // SAFETY: As above. What the kernel keeps for each reader begins as it wants.
    unsafe {
        bindings::anycast6_helper_proc_create_seq(net, name, 0o400, &members::OPERATIONS, size)
    }
}

/// Makes the files of `net`. Fails with `ENOMEM`; then there are none.
pub(super) fn begin(net: &Net) -> Result {
    for (made, (name, make)) in FILES.into_iter().enumerate() {
        let entry = make(net, name);
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
    let (net, seq) = unsafe {
        (
            Net::from_raw(bindings::anycast6_helper_seq_single_net(seq)),
            SeqFile::from_raw(seq.cast()),
        )
    };
    listing::stat(net, seq);
    0
}
