// SPDX-License-Identifier: GPL-2.0

//! Names of kernel modules.

use crate::bindings;
use kernel::{
    ffi::c_char,
    fmt,
    prelude::*,
    str::BStr, //
};

const SIZE: usize = bindings::ANYCAST6_MODULE_NAME_LEN;

/// The name of a module, which may be gone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModuleName([u8; SIZE]);

impl ModuleName {
    /// The name at `name`, cut off where no name of a module is so long.
    ///
    /// # Safety
    ///
    /// `name` ends in a zero byte.
    pub(crate) unsafe fn copy(name: *const c_char) -> Self {
        // SAFETY: As promised.
        let name = unsafe { CStr::from_char_ptr(name) }.to_bytes();
        let mut copy = Self([0; SIZE]);
        copy.0
            .iter_mut()
            .zip(name)
            .for_each(|(to, from)| *to = *from);
        copy
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(SIZE);
        fmt::Display::fmt(BStr::from_bytes(&self.0[..end]), f)
    }
}
