// SPDX-License-Identifier: GPL-2.0

//! The commands, see the crate's description.

use crate::{
    counter::cost,
    datagram::{any_port, request, Change, Datagram},
    dump::Netlink,
    file, link,
};
use std::{collections::HashMap, io, net::Ipv6Addr, str::FromStr};

const BUFFER: usize = 1 << 16;

/// The sockets that are open.
#[derive(Default)]
pub struct Bench {
    sockets: HashMap<u32, Datagram>,
}

type Costs = io::Result<Vec<u64>>;

impl Bench {
    pub fn obey(&mut self, words: &[String]) -> Costs {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["open", ref sockets @ ..] => self.open(sockets),
            ["close", ref sockets @ ..] => self.close(sockets),
            ["join", ref rest @ ..] => self.change(Change::Join, rest),
            ["leave", ref rest @ ..] => self.change(Change::Leave, rest),
            ["send", fd, frame, batches, packets] => send(fd, frame, batches, packets),
            ["read", path, times] => read(path, times),
            ["dump", times] => dump(times),
            ["bind", address, times] => bind(address, times),
            _ => Err(io::Error::other("no such command")),
        }
    }

    fn open(&mut self, numbers: &[&str]) -> Costs {
        for number in numbers {
            self.sockets.insert(parse(number)?, Datagram::open()?);
        }
        Ok(Vec::new())
    }

    fn close(&mut self, numbers: &[&str]) -> Costs {
        let mut close = |number: &&str| {
            let socket = self.sockets.remove(&parse(number)?);
            let socket = socket.ok_or_else(unknown)?;
            Ok(cost(|| drop(socket)).1)
        };
        numbers.iter().map(&mut close).collect()
    }

    fn change(&self, change: Change, words: &[&str]) -> Costs {
        let &[socket, ifindex, base, step, first, count] = words else {
            return Err(io::Error::other("six words, please"));
        };
        let socket = self.sockets.get(&parse(socket)?).ok_or_else(unknown)?;
        let (ifindex, first, count) = (parse(ifindex)?, parse(first)?, parse::<u64>(count)?);
        let (base, step) = (parse::<Ipv6Addr>(base)?, parse::<u64>(step)?);
        let one = |group: u64| {
            let address = u128::from(base) + u128::from(group) * u128::from(step);
            let request = request(address.into(), ifindex);
            let (result, cost) = cost(|| socket.change(change, &request));
            result.map(|()| cost)
        };
        (first..first + count).map(one).collect()
    }
}

fn send(fd: &str, frame: &str, batches: &str, packets: &str) -> Costs {
    let (fd, frame, packets) = (parse(fd)?, link::frame(frame)?, parse(packets)?);
    let one = |_| {
        let (result, cost) = cost(|| link::send(fd, &frame, packets));
        result.map(|()| cost)
    };
    (0..parse::<u32>(batches)?).map(one).collect()
}

fn read(path: &str, times: &str) -> Costs {
    let mut buffer = vec![0; BUFFER];
    repeated(times, || file::lines(path, &mut buffer))
}

fn dump(times: &str) -> Costs {
    let mut buffer = vec![0; BUFFER];
    let netlink = Netlink::open()?;
    repeated(times, || netlink.groups(&mut buffer))
}

/// What `action` costs each time, and what it returns the last time.
fn repeated(times: &str, mut action: impl FnMut() -> io::Result<u64>) -> Costs {
    let mut numbers = Vec::new();
    let mut last = 0;
    for _ in 0..parse::<u32>(times)? {
        let (result, cost) = cost(&mut action);
        last = result?;
        numbers.push(cost);
    }
    numbers.push(last);
    Ok(numbers)
}

fn bind(address: &str, times: &str) -> Costs {
    let address = any_port(parse(address)?);
    let mut numbers = Vec::new();
    let mut errno = 0;
    for _ in 0..parse::<u32>(times)? {
        let socket = Datagram::open()?;
        let (result, cost) = cost(|| socket.bind(&address));
        errno = result.err().and_then(|err| err.raw_os_error()).unwrap_or(0);
        numbers.push(cost);
    }
    numbers.push(errno as u64);
    Ok(numbers)
}

fn parse<T: FromStr>(word: &str) -> io::Result<T> {
    word.parse()
        .map_err(|_| io::Error::other(format!("what is '{word}'?")))
}

fn unknown() -> io::Error {
    io::Error::other("no such socket is open")
}
