// SPDX-License-Identifier: GPL-2.0

//! The caller that is written in Rust: an in-kernel caller of the anycast6 API, driven through debugfs by
//! the scenarios.
//!
//! `/sys/kernel/debug/anycast6_rust/` has the files that `caller.h` has, and they do the same; but the
//! module does not remember what it holds, so it gives nothing back when it goes.

use core::{
    ffi::c_int,
    net::Ipv6Addr,
    ptr::null_mut, //
};
use kernel::{
    bindings,
    debugfs::{
        Dir,
        File, //
    },
    error::to_result,
    ffi::c_char,
    prelude::*,
    str::CString,
    uaccess::UserSliceReader, //
};

module! {
    type: Caller,
    name: "anycast6_rust",
    authors: ["The anycast6 developers"],
    description: "Test caller of the anycast6 in-kernel API, in Rust",
    license: "GPL",
}

// C has structures without fields, of which Rust knows nothing.
#[allow(improper_ctypes)]
extern "C" {
    // Of anycast6.
    fn ipv6_dev_ac_inc(dev: *mut bindings::net_device, addr: *const bindings::in6_addr) -> c_int;
    fn ipv6_dev_ac_dec(dev: *mut bindings::net_device, addr: *const bindings::in6_addr) -> c_int;
    fn ipv6_chk_acast_addr(
        net: *mut bindings::net,
        dev: *mut bindings::net_device,
        addr: *const bindings::in6_addr,
    ) -> bool;

    // Of the kernel.
    fn rtnl_lock();
    fn rtnl_unlock();
    fn __dev_get_by_name(net: *mut bindings::net, name: *const c_char)
        -> *mut bindings::net_device;
}

/// What a scenario asks about, under RTNL, which keeps the device.
struct Question {
    net: *mut bindings::net,
    /// Null: any device.
    dev: *mut bindings::net_device,
    addr: bindings::in6_addr,
}

impl Question {
    fn inc(&self) -> Result {
        // SAFETY: The device is there.
        to_result(unsafe { ipv6_dev_ac_inc(self.dev, &self.addr) })
    }

    fn dec(&self) -> Result {
        // SAFETY: The device is there.
        to_result(unsafe { ipv6_dev_ac_dec(self.dev, &self.addr) })
    }

    fn chk(&self) -> Result {
        // SAFETY: The device is there or null, the namespace is the current task's.
        match unsafe { ipv6_chk_acast_addr(self.net, self.dev, &self.addr) } {
            true => Ok(()),
            false => Err(ENOENT),
        }
    }
}

/// RTNL.
struct Rtnl;

impl Rtnl {
    fn lock() -> Self {
        // SAFETY: Process context, without RTNL.
        unsafe { rtnl_lock() };
        Self
    }
}

impl Drop for Rtnl {
    fn drop(&mut self) {
        // SAFETY: It was taken.
        unsafe { rtnl_unlock() }
    }
}

/// Answers what was written to a file, "DEVICE ADDRESS".
fn answer(
    reader: &mut UserSliceReader,
    any_device: bool,
    call: impl Fn(&Question) -> Result,
) -> Result {
    let mut buffer = [0; 128];
    let text = buffer.get_mut(..reader.len()).ok_or(EINVAL)?;
    reader.read_slice(text)?;
    let text = core::str::from_utf8(text).map_err(|_| EINVAL)?.trim();
    let (name, addr) = text.split_once(' ').ok_or(EINVAL)?;
    let addr: Ipv6Addr = addr.parse().map_err(|_| EINVAL)?;
    let _rtnl = Rtnl::lock();
    // SAFETY: A task that runs has its namespaces.
    let net = unsafe { (*(*current!().as_ptr()).nsproxy).net_ns };
    let dev = match name {
        "-" if any_device => null_mut(),
        _ => device(net, &CString::try_from_fmt(fmt!("{name}"))?)?,
    };
    let in6_u = bindings::in6_addr__bindgen_ty_1 {
        u6_addr8: addr.octets(),
    };
    call(&Question {
        net,
        dev,
        addr: bindings::in6_addr { in6_u },
    })
}

/// The device of that name.
fn device(net: *mut bindings::net, name: &CStr) -> Result<*mut bindings::net_device> {
    // SAFETY: The namespace is the current task's, and RTNL is held.
    let dev = unsafe { __dev_get_by_name(net, name.as_char_ptr()) };
    match dev.is_null() {
        true => Err(ENODEV),
        false => Ok(dev),
    }
}

fn inc(_: &(), reader: &mut UserSliceReader) -> Result {
    answer(reader, false, Question::inc)
}

fn dec(_: &(), reader: &mut UserSliceReader) -> Result {
    answer(reader, false, Question::dec)
}

fn chk(_: &(), reader: &mut UserSliceReader) -> Result {
    answer(reader, true, Question::chk)
}

/// The files, while the module is there.
#[pin_data]
struct Caller {
    #[pin]
    inc: File<()>,
    #[pin]
    dec: File<()>,
    #[pin]
    chk: File<()>,
    _dir: Dir,
}

impl kernel::InPlaceModule for Caller {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let dir = Dir::new(c"anycast6_rust");
        try_pin_init!(Self {
            inc <- dir.write_callback_file(c"inc", (), &inc),
            dec <- dir.write_callback_file(c"dec", (), &dec),
            chk <- dir.write_callback_file(c"chk", (), &chk),
            _dir: dir,
        })
    }
}
