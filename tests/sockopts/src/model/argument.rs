// SPDX-License-Identifier: GPL-2.0

//! What becomes of an argument before anybody looks at what it says.

use crate::{
    action::{Argument, Kind, Pointer},
    pool::ARGUMENT,
};

/// As the kernel reads it: first the length alone, then a number of four octets, then all.
pub fn check(kind: Kind, argument: &Argument) -> Result<(), i32> {
    if argument.length < 0 {
        return Err(libc::EINVAL);
    }
    if kind == Kind::Udp4 {
        return Err(libc::ENOPROTOOPT);
    }
    let length = argument.length as usize;
    let readable = readable(argument.pointer);
    if argument.pointer != Pointer::Null && length >= 4 && readable < 4 {
        return Err(libc::EFAULT);
    }
    if length < ARGUMENT {
        return Err(libc::EINVAL);
    }
    if readable < ARGUMENT {
        return Err(libc::EFAULT);
    }
    Ok(())
}

fn readable(pointer: Pointer) -> usize {
    match pointer {
        Pointer::Good => ARGUMENT,
        Pointer::Null | Pointer::Low | Pointer::Kernel | Pointer::NonCanonical => 0,
        Pointer::Cut(count) => count.into(),
    }
}
