// SPDX-License-Identifier: GPL-2.0

//! A file of lines with a cursor for each open file, so that a reader resumes in constant time.
//!
//! C headers: `include/linux/seq_file.h`, `include/linux/seq_file_net.h`

use super::{
    face::Face,
    net::Net, //
};
use crate::bindings;
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    mem::MaybeUninit,
    ptr::null_mut, //
};
use kernel::{
    fmt::Display,
    seq_file::SeqFile,
    seq_print, //
};

/// A reader's position among the lines of a namespace. It need not be dropped.
pub(crate) trait Lines: Copy {
    /// A line.
    type Line;

    /// The position before all lines.
    const START: Self;

    /// The line here or, if there is none, the first one after it, to which the cursor moves.
    /// Process context.
    fn line(&mut self, net: &Net) -> Option<Self::Line>;

    /// Moves past the line here.
    fn advance(&mut self);
}

/// The seq_file operations.
pub(super) const fn operations<L: Lines<Line: Display>>() -> bindings::seq_operations {
    bindings::seq_operations {
        start: Some(start::<L>),
        next: Some(next::<L>),
        stop: Some(stop::<L>),
        show: Some(show::<L>),
    }
}

/// The kernel's state for each open file, zeroed at first.
///
/// # Invariants
///
/// `reading` is initialised if `begun` is set.
#[repr(C)]
pub(super) struct Reader<L: Lines> {
    net: bindings::seq_net_private,
    begun: bool,
    reading: MaybeUninit<Reading<L>>,
}

/// A reading in progress. It need not be dropped between `stop` and `start`.
struct Reading<L: Lines> {
    /// The number of the line that the cursor is at, counted from zero.
    number: u64,
    cursor: L,
    /// That line, between `start` and `stop`.
    line: Option<L::Line>,
}

impl<L: Lines> Reading<L> {
    const BEGIN: Self = Self {
        number: 0,
        cursor: L::START,
        line: None,
    };

    /// Moves to line `number`, or to the one in its place now.
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

/// The reading of an open file, and its namespace, to which the file holds a reference.
///
/// # Safety
///
/// The file is open, and of such lines, and the caller one of its operations, of which only one runs at a
/// time.
unsafe fn reading<'a, L: Lines>(seq: *mut bindings::seq_file) -> (&'a mut Reading<L>, &'a Net) {
    // SAFETY: This is the private data of an open file of such lines, and one operation at a time uses it.
    unsafe {
        let reader: *mut Reader<L> = bindings::anycast6_helper_seq_private(seq).cast();
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

/// The pointer that seq_file passes on: null without a line.
fn token<L: Lines>(reading: &mut Reading<L>) -> *mut c_void {
    match reading.line {
        Some(_) => (&raw mut *reading).cast(),
        None => null_mut(),
    }
}

/// # Safety
///
/// From seq_file, on such a file. Process context.
unsafe extern "C" fn start<L: Lines<Line: Display>>(
    seq: *mut bindings::seq_file,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    // SAFETY: seq_file calls one operation at a time, with the open file and a position.
    let ((reading, net), number) = unsafe { (reading::<L>(seq), (*pos).unsigned_abs()) };
    reading.go_to(net, number);
    token(reading)
}

/// # Safety
///
/// From seq_file, on such a file, between start and stop. Process context.
unsafe extern "C" fn next<L: Lines<Line: Display>>(
    seq: *mut bindings::seq_file,
    _token: *mut c_void,
    pos: *mut bindings::loff_t,
) -> *mut c_void {
    // SAFETY: seq_file calls one operation at a time, with the open file and a position.
    let (reading, net) = unsafe {
        *pos += 1;
        reading::<L>(seq)
    };
    reading.step(net);
    token(reading)
}

/// # Safety
///
/// From seq_file, on such a file, once after each start. Process context.
unsafe extern "C" fn stop<L: Lines<Line: Display>>(
    seq: *mut bindings::seq_file,
    _token: *mut c_void,
) {
    // SAFETY: seq_file calls one operation at a time, with the open file.
    let (reading, _) = unsafe { reading::<L>(seq) };
    reading.line = None;
}

/// # Safety
///
/// From seq_file, on such a file, between start and stop. Process context.
unsafe extern "C" fn show<L: Lines<Line: Display>>(
    seq: *mut bindings::seq_file,
    _token: *mut c_void,
) -> c_int {
    // SAFETY: seq_file calls one operation at a time, with the open file.
    let ((reading, _), seq) = unsafe { (reading::<L>(seq), SeqFile::from_raw(seq.cast())) };
    if let Some(line) = &reading.line {
        seq_print!(seq, "{line}\n");
    }
    0
}
