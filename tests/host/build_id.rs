// SPDX-License-Identifier: GPL-2.0

//! The build ID among notes, be they damaged.

use crate::{decide::build_id::build_id, properties::config};
use proptest::{collection::vec, prelude::*};

const ID: [u8; 20] = [
    0xb3, 0x99, 0x7c, 0x9b, 0xf9, 0x54, 0xef, 0xca, 0xfe, 0xd8, 0x2e, 0xd2, 0x19, 0x43, 0x4f, 0x03,
    0xb7, 0x15, 0xf8, 0x0f,
];
const TEXT: &[u8; 40] = b"b3997c9bf954efcafed82ed219434f03b715f80f";

fn note(name: &[u8], kind: u32, said: &[u8]) -> Vec<u8> {
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_ne_bytes();
    let filled = |bytes: &[u8]| {
        let mut filled = bytes.to_vec();
        filled.resize(bytes.len().next_multiple_of(4), 0);
        filled
    };
    [
        &size(name)[..],
        &size(said),
        &kind.to_ne_bytes(),
        &filled(name),
        &filled(said),
    ]
    .concat()
}

fn gnu() -> Vec<u8> {
    note(b"GNU\0", 3, &ID)
}

#[test]
fn among_others() {
    // As the kernel has them: Linux, Xen, and GNU's property.
    let others = [
        note(b"Linux\0", 0x100, b"7.3.4+deb13-amd64\0"),
        note(b"Xen\0", 18, &[0; 8]),
        note(b"Xen\0", 10, b"!writable_page_tables\0"),
        note(b"GNU\0", 5, &[0; 16]),
        note(b"", 0, b""),
    ]
    .concat();
    for notes in [
        gnu(),
        [others.clone(), gnu()].concat(),
        [gnu(), others.clone()].concat(),
    ] {
        assert_eq!(build_id(&notes), Some(*TEXT));
    }
    assert_eq!(build_id(&others), None);
}

#[test]
fn of_no_other_name_kind_or_size() {
    for notes in [
        note(b"GNU", 3, &ID),
        note(b"GNV\0", 3, &ID),
        note(b"GNU\0", 1, &ID),
        note(b"GNU\0", 3, &ID[..19]),
        note(b"GNU\0", 3, &[0; 21]),
    ] {
        assert_eq!(build_id(&notes), None);
    }
}

#[test]
fn cut_off_anywhere() {
    let notes = [note(b"Xen\0", 1, &[1; 7]), gnu()].concat();
    for end in 0..notes.len() {
        assert_eq!(build_id(&notes[..end]), None, "{end}");
    }
}

#[test]
fn what_fills_up_may_be_missing_at_the_end() {
    let mut notes = [gnu(), note(b"Xen\0", 1, &[1; 7])].concat();
    notes.pop();
    assert_eq!(build_id(&notes), Some(*TEXT));
}

#[test]
fn sizes_beyond_all() {
    let sizes = |name: u32, said: u32| [name, said, 3].map(u32::to_ne_bytes).concat();
    for notes in [
        sizes(u32::MAX, 0),
        sizes(0, u32::MAX),
        sizes(4, u32::MAX - 2),
    ] {
        assert_eq!(build_id(&[notes, gnu()].concat()), None);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let _ = build_id(&bytes);
    }

    /// Whatever notes there are, of any name and size but this one.
    #[test]
    fn after_any_notes(others in vec((vec(any::<u8>(), 5..12), any::<u32>(), vec(any::<u8>(), 0..30)), 0..6)) {
        let mut notes: Vec<u8> = others.iter().flat_map(|(name, kind, said)| note(name, *kind, said)).collect();
        prop_assert_eq!(build_id(&notes), None);
        notes.extend(gnu());
        prop_assert_eq!(build_id(&notes), Some(*TEXT));
    }
}
