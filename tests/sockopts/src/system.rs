// SPDX-License-Identifier: GPL-2.0

//! System calls, with what they answer.

use std::{
    ffi::{c_int, c_void, CString},
    fs, io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
};

const CAP_NET_ADMIN: u32 = 12;
const SECBIT_NO_SETUID_FIXUP: libc::c_ulong = 4;
const CAPABILITY_VERSION_3: u32 = 0x2008_0522;

/// The errno of a call that failed.
pub fn checked(result: c_int) -> Result<c_int, i32> {
    match result {
        -1 => Err(errno()),
        _ => Ok(result),
    }
}

pub fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

pub fn socket(family: c_int, kind: c_int, protocol: c_int) -> Result<OwnedFd, i32> {
    // SAFETY: The call takes numbers only, and the descriptor is nobody else's.
    unsafe {
        let fd = checked(libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol))?;
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// `setsockopt()` with whatever address and length.
pub fn set_option(fd: &OwnedFd, option: c_int, value: usize, length: c_int) -> Result<(), i32> {
    // SAFETY: The kernel reads the value, or refuses to. It is no memory of Rust's that could change.
    let result = unsafe {
        libc::syscall(
            libc::SYS_setsockopt,
            fd.as_raw_fd(),
            libc::IPPROTO_IPV6,
            option,
            value,
            length,
        )
    };
    checked(result as c_int).map(drop)
}

pub fn get_option(fd: &OwnedFd, option: c_int) -> Result<(), i32> {
    let mut value = [0_u8; 20];
    let mut length = value.len() as libc::socklen_t;
    // SAFETY: Value and length are there, and of that size.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::IPPROTO_IPV6,
            option,
            value.as_mut_ptr().cast::<c_void>(),
            &mut length,
        )
    };
    checked(result).map(drop)
}

/// An option whose value is a number.
pub fn set_number(fd: &OwnedFd, level: c_int, option: c_int, value: c_int) -> Result<(), i32> {
    // SAFETY: The value is there, and of that size.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            option,
            (&raw const value).cast::<c_void>(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    checked(result).map(drop)
}

/// A network namespace of one's own.
pub fn enter_namespace() -> Result<(), i32> {
    // SAFETY: The call takes a number only.
    checked(unsafe { libc::unshare(libc::CLONE_NEWNET) }).map(drop)
}

/// The calling thread has `CAP_NET_ADMIN`, or has it not for a while.
pub fn set_net_admin(on: bool) -> Result<(), i32> {
    let header = [CAPABILITY_VERSION_3, 0];
    let mut data = [0_u32; 6]; // effective, permitted, inheritable; low halves, then high ones
                               // SAFETY: Header and data are as version 3 has them.
    unsafe {
        let capget = libc::syscall(libc::SYS_capget, header.as_ptr(), data.as_mut_ptr());
        checked(capget as c_int)?;
        match on {
            true => data[0] |= 1 << CAP_NET_ADMIN,
            false => data[0] &= !(1 << CAP_NET_ADMIN),
        }
        let capset = libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr());
        checked(capset as c_int).map(drop)
    }
}

/// Capabilities are no matter of the user from now on.
pub fn keep_capabilities() -> Result<(), i32> {
    // SAFETY: The call takes numbers only.
    let result = unsafe { libc::prctl(libc::PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) };
    checked(result).map(drop)
}

/// The calling thread acts as this user.
pub fn set_user(uid: u32) -> Result<(), i32> {
    // SAFETY: The call takes numbers only.
    let result = unsafe { libc::syscall(libc::SYS_setresuid, -1, uid, -1) };
    checked(result as c_int).map(drop)
}

/// Writes a sysctl of the network namespace.
pub fn set_sysctl(name: &str, value: &str) -> Result<(), i32> {
    let path = Path::new("/proc/sys/net").join(name);
    fs::write(path, value).map_err(|error| error.raw_os_error().unwrap_or(0))
}

pub fn sysctl(name: &str) -> Result<String, i32> {
    let path = Path::new("/proc/sys/net").join(name);
    let text = fs::read_to_string(path);
    text.map_err(|error| error.raw_os_error().unwrap_or(0))
}

/// What the errno is called.
pub fn name(errno: i32) -> String {
    // SAFETY: The function returns a text that lasts.
    unsafe {
        extern "C" {
            fn strerrorname_np(errno: c_int) -> *const libc::c_char;
        }
        let name = strerrorname_np(errno);
        if name.is_null() {
            return errno.to_string();
        }
        let name: CString = std::ffi::CStr::from_ptr(name).into();
        name.to_string_lossy().into_owned()
    }
}
