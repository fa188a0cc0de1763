// SPDX-License-Identifier: GPL-2.0

//! What does one operation on anycast groups cost? Does it, and reads the processor's counter before and
//! after, which under QEMU's `-icount shift=0` counts instructions.
//!
//! Takes one command per line on standard input, and answers each by one line: a number for each time it
//! was done, or `error:` and why. Sockets have numbers that the commands choose. Groups are consecutive
//! numbers too: the one with number `i` is the address BASE plus `i` times STEP.
//!
//! | command | answer |
//! | --- | --- |
//! | `open SOCKETS...` | |
//! | `close SOCKETS...` | the cost of each |
//! | `join SOCKET IFINDEX BASE STEP FIRST COUNT` | the cost of each |
//! | `leave SOCKET IFINDEX BASE STEP FIRST COUNT` | the cost of each |
//! | `send FD FRAME BATCHES PACKETS` | the cost of each batch; FRAME in hexadecimal |
//! | `read FILE TIMES` | the cost of each; then the lines that were read |
//! | `dump TIMES` | the cost of each `RTM_GETANYCAST`; then the messages that came |
//! | `bind ADDRESS TIMES` | the cost of each; then the last one's errno |

mod command;
mod counter;
mod datagram;
mod dump;
mod file;
mod link;
mod syscall;

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut bench = command::Bench::default();
    let mut stdout = io::stdout();
    for line in io::stdin().lock().lines() {
        let words: Vec<String> = line?.split_whitespace().map(String::from).collect();
        match bench.obey(&words) {
            Ok(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
                writeln!(stdout, "{}", numbers.join(" "))?;
            }
            Err(err) => writeln!(stdout, "error: {}: {err}", words.join(" "))?,
        }
        stdout.flush()?;
    }
    Ok(())
}
