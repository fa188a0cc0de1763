// SPDX-License-Identifier: GPL-2.0

//! Resets of TCP connections that the host does not know (RFC 9293, section 3.10.7.1), and how many
//! of them.

/// The length of a TCP header without options: that of a reset.
pub(crate) const HEADER: usize = 20;
/// The longest TCP header.
pub(crate) const LONGEST: usize = 60;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// The kinds of options without a length.
const END: u8 = 0;
const NOTHING: u8 = 1;
/// Those that authenticate a segment (RFC 2385, RFC 5925).
const SIGNATURES: [u8; 2] = [19, 29];

/// Nanoseconds for each reset, of those that a namespace sends in the long run.
pub(crate) const INTERVAL: u64 = 1_000_000;
/// How many of them may be sent at once.
pub(crate) const AT_ONCE: u64 = 1000;

/// The reset that answers a segment without a connection, with a checksum of zero. `start` is the
/// segment, or as much of it as the longest header has, `len` the length of all of it.
///
/// Nothing answers a reset, or a segment that is cut off within its header. A request for a connection is
/// left to the listeners. A signed segment would need a signed answer, and options that cannot be
/// read may hide a signature.
pub(crate) fn answer(start: &[u8], len: u32) -> Option<[u8; HEADER]> {
    let header = start.first_chunk::<HEADER>()?;
    let offset = header_len(header);
    let options = start.get(HEADER..offset)?;
    let data = len.checked_sub(u32::try_from(offset).ok()?)?;
    let flags = header[13];
    if flags & RST != 0 || flags & (SYN | ACK) == SYN || !is_unsigned(options) {
        return None;
    }
    Some(reset(header, data))
}

/// The length of a header with its options, as it says.
fn header_len(header: &[u8; HEADER]) -> usize {
    usize::from(header[12] >> 4) * 4
}

/// Whether all options can be read, and none is a signature.
fn is_unsigned(mut options: &[u8]) -> bool {
    while let [kind, rest @ ..] = options {
        options = match (*kind, rest) {
            (END, _) => return true,
            (NOTHING, _) => rest,
            (kind, [len, ..]) if *len >= 2 && !SIGNATURES.contains(&kind) => {
                match options.get(usize::from(*len)..) {
                    Some(next) => next,
                    None => return false,
                }
            }
            _ => return false,
        };
    }
    true
}

/// The reset for a segment with this header and so many bytes of data.
fn reset(header: &[u8; HEADER], data: u32) -> [u8; HEADER] {
    let mut reset = [0; HEADER];
    reset[..2].copy_from_slice(&header[2..4]);
    reset[2..4].copy_from_slice(&header[..2]);
    reset[12] = 5 << 4;
    if header[13] & ACK != 0 {
        reset[4..8].copy_from_slice(&header[8..12]);
        reset[13] = RST;
    } else {
        reset[8..12].copy_from_slice(&after(header, data).to_be_bytes());
        reset[13] = RST | ACK;
    }
    reset
}

/// The sequence number after a segment without [`SYN`] and with so many bytes of data.
fn after(header: &[u8; HEADER], data: u32) -> u32 {
    let first = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
    let end = u32::from(header[13] & FIN);
    first.wrapping_add(data).wrapping_add(end)
}

/// Counts a reset at the time `now`, in nanoseconds. `paid` is the time by which the earlier ones are paid for,
/// at one each [`INTERVAL`]. Returns what it is with this one; [`None`] if that would be one too many.
pub(crate) fn pay(paid: u64, now: u64) -> Option<u64> {
    let paid = paid.max(now).checked_add(INTERVAL)?;
    (paid - now <= AT_ONCE * INTERVAL).then_some(paid)
}
