// SPDX-License-Identifier: GPL-2.0

//! Names of kernel modules.

use crate::bindings::{
    self,
    symbols, //
};
use kernel::{
    ffi::c_char,
    fmt,
    prelude::*,
    str::BStr,
    sync::rcu, //
};

const SIZE: usize = bindings::ANYCAST6_MODULE_NAME_LEN;

/// The name of a module, which may have been removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModuleName([u8; SIZE]);

impl ModuleName {
    /// The least one.
    pub(crate) const FIRST: Self = Self([0; SIZE]);

    /// The kernel proper.
    pub(crate) const VMLINUX: Self = Self::new(b"vmlinux");

    /// The name; truncated if it is longer than a module's can be.
    const fn new(name: &[u8]) -> Self {
        let mut copy = [0; SIZE];
        let mut at = 0;
        while at < SIZE && at < name.len() {
            copy[at] = name[at];
            at += 1;
        }
        Self(copy)
    }

    /// The name at `name`.
    ///
    /// # Safety
    ///
    /// `name` ends in a zero byte.
    pub(crate) unsafe fn copy(name: *const c_char) -> Self {
        // SAFETY: The name ends in a zero byte.
        Self::new(unsafe { CStr::from_char_ptr(name) }.to_bytes())
    }

    /// The name of the module whose code is at `addr`.
    pub(crate) fn of_code(addr: usize) -> Self {
        let _rcu = rcu::read_lock();
        let find = symbols::__module_address();
        // SAFETY: The RCU read lock is held, and keeps a module that is found.
        unsafe {
            match find(addr).as_ref() {
                Some(module) => Self::copy(module.name.as_ptr()),
                None => Self::VMLINUX,
            }
        }
    }
}

impl ModuleName {
    /// The bytes of the name.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(SIZE);
        &self.0[..end]
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(BStr::from_bytes(self.as_bytes()), f)
    }
}
