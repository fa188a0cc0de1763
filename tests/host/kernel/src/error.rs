// SPDX-License-Identifier: GPL-2.0

//! `rust/kernel/error.rs`

use std::convert::Infallible;

/// An errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error(i32);

/// Of functions that may fail.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

impl Error {
    /// The errno, below zero.
    pub fn to_errno(self) -> i32 {
        self.0
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The errnos.
pub mod code {
    use super::Error;

    macro_rules! codes {
        ($($name:ident = $number:literal),* $(,)?) => {
            $(
                #[doc = stringify!($name)]
                pub const $name: Error = Error(-$number);
            )*
        };
    }

    codes! {
        EPERM = 1,
        ENOENT = 2,
        EAGAIN = 11,
        ENOMEM = 12,
        EACCES = 13,
        EEXIST = 17,
        ENODEV = 19,
        EINVAL = 22,
        EOVERFLOW = 75,
        EADDRINUSE = 98,
        EADDRNOTAVAIL = 99,
        ENOBUFS = 105,
    }
}
