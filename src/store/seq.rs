// SPDX-License-Identifier: GPL-2.0

//! The open file `/proc/net/anycast6`.
//!
//! C headers: `include/linux/seq_file.h`, `include/linux/seq_file_net.h`

use super::acaddr::Acaddr;
use crate::{
    bindings,
    sys::{
        face::Face,
        net::Net,
        net_device::NetDevice, //
    },
};
use core::{
    marker::PhantomData,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::sync::rcu;

/// `struct seq_file`, of `/proc/net/anycast6`, between `start` and `stop`.
///
/// The RCU read lock is held all that time; `start`, of C or of Rust, has taken it.
///
/// # Invariants
///
/// The file is alive for `'a`, nobody else uses it, and its private data is an
/// `anycast6_iter_state`.
pub(crate) struct ProcReader<'a> {
    ptr: NonNull<bindings::seq_file>,
    _phantom: PhantomData<&'a ()>,
}

/// A group, and the device that lists it.
#[derive(Clone, Copy)]
pub(crate) struct Position<'r> {
    /// The device.
    pub(crate) device: &'r NetDevice,
    /// The group.
    pub(crate) group: &'r Acaddr,
}

impl ProcReader<'_> {
    /// Wraps `ptr`.
    ///
    /// # Safety
    ///
    /// `ptr` is the open `/proc/net/anycast6`, and the caller one of its `seq_operations`.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::seq_file) -> Self {
        // INVARIANT: The caller promises it; seq_file calls its operations one at a time.
        Self {
            // SAFETY: A file that operates is there.
            ptr: unsafe { NonNull::new_unchecked(ptr) },
            _phantom: PhantomData,
        }
    }

    /// The network namespace of the file, which holds a reference to it.
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: The file is open, and holds its namespace.
        unsafe { Net::from_raw(bindings::anycast6_helper_seq_file_net(self.ptr.as_ptr())) }
    }

    /// The number of the next line, counted from zero.
    pub(crate) fn line(&self) -> u64 {
        // SAFETY: The file is open.
        unsafe { bindings::anycast6_helper_seq_index(self.ptr.as_ptr()) }
    }

    fn state(&self) -> *mut bindings::anycast6_iter_state {
        // SAFETY: The file is open.
        unsafe { bindings::anycast6_helper_seq_private(self.ptr.as_ptr()).cast() }
    }

    /// Remembers `position` for the next operation. Returns what seq_file passes on to it.
    pub(crate) fn remember(&mut self, position: Option<Position<'_>>) -> *mut core::ffi::c_void {
        let dev = position.map_or(null_mut(), |position| position.device.as_ptr());
        // SAFETY: The state is the file's, which nobody else uses.
        unsafe { (*self.state()).dev = dev };
        position.map_or(null_mut(), |position| position.group.as_ptr().cast())
    }

    /// The position that `remember()`, or C, gave to seq_file as `group`.
    ///
    /// # Safety
    ///
    /// `group` is what the previous operation returned, in the same RCU read section, and not null.
    pub(crate) unsafe fn recall<'r>(
        &self,
        group: *mut core::ffi::c_void,
        _rcu: &'r rcu::Guard,
    ) -> Position<'r> {
        // SAFETY: The previous operation left both there, and RCU keeps them alive.
        unsafe {
            Position {
                device: NetDevice::from_raw((*self.state()).dev),
                group: Acaddr::from_raw(group.cast()),
            }
        }
    }

    /// Adds `bytes` to the output. If they do not fit, seq_file repeats with a larger buffer.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // SAFETY: The file is open, and nobody else uses it; the bytes are read during the call only.
        unsafe { bindings::seq_write(self.ptr.as_ptr(), bytes.as_ptr().cast(), bytes.len()) };
    }
}
