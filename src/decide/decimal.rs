// SPDX-License-Identifier: GPL-2.0

//! Decimal numbers written to a sysctl.

/// Whether `text` is one decimal number, with nothing but white space around it.
///
/// The kernel's own sysctls accept several numbers and use the first, and accept `0x2` and `010` in
/// other bases. This one accepts no sign, no base and, as C reads it as octal, no leading zero.
pub(crate) fn is_decimal(text: &[u8]) -> bool {
    match text.trim_ascii() {
        [] | [b'0', _, ..] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}
