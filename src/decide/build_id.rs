// SPDX-License-Identifier: GPL-2.0

//! The build ID of a kernel, among the notes of its image.
//!
//! A note is the size of its name, the size of its descriptor, its type, the name and the
//! descriptor, both padded to four bytes (ELF; `lib/buildid.c`). The build ID is the descriptor of
//! GNU's note of type 3.

/// Bytes of a build ID.
const SIZE: usize = 20;

/// Hex digits of a build ID.
pub(crate) const DIGITS: usize = 2 * SIZE;

/// Name and type of that note.
const NAME: &[u8] = b"GNU\0";
const KIND: u32 = 3;

/// The build ID among `notes`, in hex digits.
pub(crate) fn build_id(mut notes: &[u8]) -> Option<[u8; DIGITS]> {
    loop {
        let (name_size, said_size) = (number(&mut notes)?, number(&mut notes)?);
        let kind = number(&mut notes)?;
        let (name, said) = (field(&mut notes, name_size)?, field(&mut notes, said_size)?);
        if (name, kind) == (NAME, KIND) {
            return Some(digits(said.try_into().ok()?));
        }
    }
}

/// Takes a number from the front.
fn number(notes: &mut &[u8]) -> Option<u32> {
    let bytes = field(notes, 4)?;
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

/// Takes `size` bytes and their padding from the front.
fn field<'n>(notes: &mut &'n [u8], size: u32) -> Option<&'n [u8]> {
    let size = usize::try_from(size).ok()?;
    let (bytes, rest) = notes.split_at_checked(size)?;
    *notes = rest.get(size.next_multiple_of(4) - size..).unwrap_or(&[]);
    Some(bytes)
}

fn digits(id: &[u8; SIZE]) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(id) {
        for (digit, half) in pair.iter_mut().zip([byte >> 4, byte & 0xf]) {
            *digit = b"0123456789abcdef"[usize::from(half)];
        }
    }
    digits
}
