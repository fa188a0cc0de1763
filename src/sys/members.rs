// SPDX-License-Identifier: GPL-2.0

//! The open file `/proc/net/anycast6_members`.
//!
//! Each reader has a cursor of its own, and goes on where it stopped at the price of one line.
//!
//! C headers: `include/linux/seq_file.h`, `include/linux/seq_file_net.h`

use super::{
    face::Face,
    net::Net, //
};
use crate::{
    bindings,
    ledger::Line,
    listing::Cursor, //
};
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    mem::MaybeUninit,
    ptr::null_mut, //
};
use kernel::{
    seq_file::SeqFile,
    seq_print, //
};

/// How lines are read.
pub(super) static OPERATIONS: bindings::seq_operations = bindings::seq_operations {
    start: Some(start),
    next: Some(next),
    stop: Some(stop),
    show: Some(show),
};

/// What the kernel keeps for each reader, zeroed at first.
///
/// # Invariants
///
/// `reading` is initialised if `begun` is set.
#[repr(C)]
pub(super) struct MembersReader {
    net: bindings::seq_net_private,
    begun: bool,
    reading: MaybeUninit<Reading>,
}

/// A reading in progress. It needs not be dropped between `stop` and `start`.
struct Reading {
    /// The number of the line that the cursor is at, counted from zero.
    number: u64,
    cursor: Cursor,
    /// That line, between `start` and `stop`.
    line: Option<Line>,
}

impl Reading {
    const BEGIN: Self = Self {
        number: 0,
        cursor: Cursor::START,
        line: None,
    };

    /// Goes to line `number`, or to what is in its place now.
    fn go_to(&mut self, net: &Net, number: u64) {
        if number < self.number {
            *self = Self::BEGIN;
        }
        self.line = self.cursor.line(net);
        while self.number < number && self.line.is_some() {
            self.step(net);
        }
    }

    fn step(&mut self, net: &Net) {
        self.cursor.advance();
        self.number += 1;
        self.line = self.cursor.line(net);
    }
}

/// The reading of an open file, and its namespace, which the file holds.
///
/// # Safety
///
/// The file is an open `anycast6_members`, and the caller one of its operations, of which only one runs at a
/// time.
unsafe fn reading<'a>(seq: *mut bindings::seq_file) -> (&'a mut Reading, &'a Net) {
    // SAFETY: As promised, this is the file's private data, and nobody else uses it.
    unsafe {
        let reader: *mut MembersReader = bindings::anycast6_helper_seq_private(seq).cast();
        if !(*reader).begun {
            // INVARIANT: It is initialised.
            (*reader).reading.write(Reading::BEGIN);
            (*reader).begun = true;
        }
        (
            (*reader).reading.assume_init_mut(),
            Net::from_raw(bindings::anycast6_helper_seq_file_net(seq)),
        )
    }
}

/// What seq_file passes on: whether there is a line.
fn token(reading: &mut Reading) -> *mut c_void {
    match reading.line {
        Some(_) => (&raw mut *reading).cast(),
        None => null_mut(),
    }
}

/// # Safety
///
/// From seq_file, on such a file. Process context.
unsafe extern "C" fn start(
    seq: *mut bindings::seq_file,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    // SAFETY: As promised.
    let ((reading, net), number) = unsafe { (reading(seq), (*pos).unsigned_abs()) };
    reading.go_to(net, number);
    token(reading)
}

/// # Safety
///
/// From seq_file, on such a file, between start and stop. Process context.
unsafe extern "C" fn next(
    seq: *mut bindings::seq_file,
    _token: *mut c_void,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    // SAFETY: As promised.
    let (reading, net) = unsafe {
        *pos += 1;
        reading(seq)
    };
    reading.step(net);
    token(reading)
}

/// # Safety
///
/// From seq_file, on such a file, once after each start. Process context.
unsafe extern "C" fn stop(seq: *mut bindings::seq_file, _token: *mut c_void) {
    // SAFETY: As promised.
    let (reading, _) = unsafe { reading(seq) };
    reading.line = None;
}

/// # Safety
///
/// From seq_file, on such a file, between start and stop. Process context.
unsafe extern "C" fn show(seq: *mut bindings::seq_file, _token: *mut c_void) -> c_int {
    // SAFETY: As promised.
    let ((reading, _), seq) = unsafe { (reading(seq), SeqFile::from_raw(seq.cast())) };
    if let Some(line) = &reading.line {
        seq_print!(seq, "{line}\n");
    }
    0
}
