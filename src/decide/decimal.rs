// SPDX-License-Identifier: GPL-2.0

//! Numbers as a program writes them to a sysctl.

/// Is `text` one decimal number, with nothing but white space around it?
///
/// The kernel's own sysctls take the first of several numbers, and `0x2` and `010` in other bases. No
/// sign, no base and, as C reads that as octal, no leading zero here.
pub(crate) fn is_decimal(text: &[u8]) -> bool {
    match text.trim_ascii() {
        [] | [b'0', _, ..] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}
