// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/anycast6`.

use std::{fs, io, net::Ipv6Addr};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub index: i32,
    pub device: String,
    pub addr: Ipv6Addr,
    pub users: u32,
}

/// What the calling thread's network namespace lists, sorted.
pub fn read() -> io::Result<Vec<Line>> {
    let text = fs::read_to_string("/proc/thread-self/net/anycast6")?;
    let mut lines: Vec<Line> = text
        .lines()
        .map(|line| parse(line).ok_or_else(|| io::Error::other(format!("strange line: {line}"))))
        .collect::<io::Result<_>>()?;
    lines.sort();
    Ok(lines)
}

/// Waits until what is listed is answered for, too. The module lists members under the lock under which it
/// publishes in the background; C, which has no such file, does nothing in the background.
pub fn await_publication() {
    let _ = fs::read("/proc/thread-self/net/anycast6_members");
}

fn parse(line: &str) -> Option<Line> {
    let mut fields = line.split_whitespace();
    let parsed = Line {
        index: fields.next()?.parse().ok()?,
        device: fields.next()?.into(),
        addr: u128::from_str_radix(fields.next()?, 16).ok()?.into(),
        users: fields.next()?.parse().ok()?,
    };
    fields.next().is_none().then_some(parsed)
}
