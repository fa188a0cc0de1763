// SPDX-License-Identifier: GPL-2.0

//! Files of /proc, read as `cat` reads them.

use std::{
    fs::File,
    io::{self, Read},
};

/// Reads all of the file, and counts its lines.
pub fn lines(path: &str, buffer: &mut [u8]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut lines = 0;
    loop {
        let length = file.read(buffer)?;
        if length == 0 {
            return Ok(lines);
        }
        lines += buffer[..length]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count() as u64;
    }
}
