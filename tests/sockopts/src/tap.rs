// SPDX-License-Identifier: GPL-2.0

//! A neighbour's end of a tap, which is there as long as this. What the neighbour sends the host receives
//! in the very system call.

use crate::system::{checked, errno};
use std::{
    ffi::{c_int, c_void},
    fs::{File, OpenOptions},
    io::{self, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
};

const TUNSETIFF: u64 = 0x4004_54ca;
const TUNSETIFINDEX: u64 = 0x4004_54da;

pub struct Tap {
    file: File,
}

impl Tap {
    /// Makes the device in the network namespace of the calling thread.
    pub fn new(index: i32, name: &str) -> Result<Self, i32> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open("/dev/net/tun")
            .map_err(|error| error.raw_os_error().unwrap_or(0))?;
        // SAFETY: All zeroes is a valid request; the kernel reads number and request during the calls.
        unsafe {
            let mut request: libc::ifreq = std::mem::zeroed();
            for (place, octet) in request.ifr_name.iter_mut().zip(name.bytes()) {
                *place = octet as libc::c_char;
            }
            request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as i16;
            checked(libc::ioctl(
                file.as_raw_fd(),
                TUNSETIFINDEX,
                &raw const index,
            ))?;
            checked(libc::ioctl(file.as_raw_fd(), TUNSETIFF, &raw mut request))?;
        }
        Ok(Self { file })
    }

    /// Sends a frame.
    pub fn send(&mut self, frame: &[u8]) -> Result<(), i32> {
        let sent = self.file.write_all(frame);
        sent.map_err(|error| error.raw_os_error().unwrap_or(0))
    }

    /// The next frame of the host, [`None`] when there is none.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut frame = vec![0; 2048];
        // SAFETY: There is room for so many octets.
        let length = unsafe {
            libc::read(
                self.file.as_raw_fd(),
                frame.as_mut_ptr().cast::<c_void>(),
                frame.len(),
            )
        };
        match checked(length as c_int) {
            Ok(length) => {
                frame.truncate(length as usize);
                Ok(Some(frame))
            }
            Err(libc::EAGAIN) => Ok(None),
            Err(_) => Err(io::Error::from_raw_os_error(errno())),
        }
    }
}
