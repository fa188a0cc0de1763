// SPDX-License-Identifier: GPL-2.0

//! A line of `/proc/net/anycast6`.
//!
//! Programs parse it (Android's `ProcfsParsingUtils`), so its bytes are ABI. The C format is
//! `"%-4d %-15s %pi6 %5d\n"`. The device's name may contain any bytes but blanks and slashes, so
//! the line is bytes, not `str`.

use core::net::Ipv6Addr;

/// The longest line: two ten-digit numbers with sign, a name of `IFNAMSIZ - 1` bytes, 32 hex
/// digits, three blanks, one line feed.
pub(crate) const MAX_LEN: usize = 11 + 15 + 32 + 11 + 3 + 1;

/// A line under construction.
///
/// # Invariants
///
/// `len` is at most [`MAX_LEN`].
pub(crate) struct ProcLine {
    buf: [u8; MAX_LEN],
    len: usize,
}

/// The alignment of a field.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}

impl ProcLine {
    /// The line of the group `addr` on the device `ifindex` called `name`, held by `users`.
    ///
    /// Anything beyond [`MAX_LEN`] is cut off.
    pub(crate) fn new(ifindex: i32, name: &[u8], addr: &Ipv6Addr, users: i32) -> Self {
        let mut line = Self {
            buf: [0; MAX_LEN],
            len: 0,
        };
        line.field(Decimal::new(ifindex).as_bytes(), 4, Align::Left);
        line.push(b' ');
        line.field(name, 15, Align::Left);
        line.push(b' ');
        for octet in addr.octets() {
            line.push(hex_digit(octet >> 4));
            line.push(hex_digit(octet & 0xf));
        }
        line.push(b' ');
        line.field(Decimal::new(users).as_bytes(), 5, Align::Right);
        line.push(b'\n');
        line
    }

    /// The bytes of the line, line feed included.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&self.buf)
    }

    fn field(&mut self, text: &[u8], width: usize, align: Align) {
        let blanks = width.saturating_sub(text.len());
        if let Align::Right = align {
            self.blanks(blanks);
        }
        text.iter().for_each(|&byte| self.push(byte));
        if let Align::Left = align {
            self.blanks(blanks);
        }
    }

    fn blanks(&mut self, count: usize) {
        (0..count).for_each(|_| self.push(b' '));
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.buf.get_mut(self.len) {
            *slot = byte;
            // INVARIANT: `len` was an index of `buf`.
            self.len += 1;
        }
    }
}

/// A number in decimal digits.
///
/// # Invariants
///
/// The digits are `buf[start..]`.
struct Decimal {
    buf: [u8; Self::MAX_LEN],
    start: usize,
}

impl Decimal {
    const MAX_LEN: usize = "-2147483648".len();

    fn new(number: i32) -> Self {
        let mut buf = [0; Self::MAX_LEN];
        let mut rest = number.unsigned_abs();
        let mut start = Self::MAX_LEN;
        // INVARIANT: Ten digits and a sign fit, and each is written where `start` then points.
        loop {
            start -= 1;
            buf[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            start -= 1;
            buf[start] = b'-';
        }
        Self { buf, start }
    }

    fn as_bytes(&self) -> &[u8] {
        self.buf.get(self.start..).unwrap_or(&[])
    }
}

/// The hexadecimal digit of `nibble`, which is below 16.
fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}
