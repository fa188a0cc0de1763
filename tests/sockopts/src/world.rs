// SPDX-License-Identifier: GPL-2.0

//! The host: sockets and devices in a network namespace of this process.

use crate::{
    action::{Action, Argument, Device, Form, Kind, Packet, Slot, SLOTS},
    control::Control,
    frame,
    memory::Memory,
    netlink::Netlink,
    pool::{address, port, OPTION_MEMORY, PREFIX_LENGTH},
    system,
    tap::Tap,
};
use std::{
    ffi::c_int,
    net::Ipv6Addr,
    os::fd::{AsRawFd, OwnedFd},
};

const IPV6_ADDRFORM: c_int = 1;
const IPV6_JOIN_ANYCAST: c_int = 27;
const IPV6_LEAVE_ANYCAST: c_int = 28;
const MTU: u32 = 1500;
const MTU_TOO_SMALL: u32 = 1000;
const POLICY: &str = "ipv6/anycast6/admission";

/// No address comes by itself, none but the one meant for it stays tentative, and nothing that the
/// neighbour says changes a route.
const SETTINGS: &[(&str, &str)] = &[
    ("ipv6/conf/default/addr_gen_mode", "1"),
    ("ipv6/conf/default/accept_ra", "0"),
    ("ipv6/conf/default/accept_redirects", "0"),
    ("ipv6/conf/default/dad_transmits", "1000000"),
];

pub struct World {
    sockets: [Option<OwnedFd>; SLOTS],
    privileged: bool,
    memory: Memory,
    netlink: Netlink,
    control: Control,
    tap: Tap,
    second: Option<Tap>,
}

/// What an action answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Result(Result<(), i32>),
    /// Was there an advertisement?
    Advertised(bool),
}

impl World {
    /// A network namespace with the tap, which has no addresses yet.
    pub fn new() -> Result<Self, i32> {
        system::enter_namespace()?;
        system::keep_capabilities()?;
        for (name, value) in SETTINGS {
            system::set_sysctl(name, value)?;
        }
        system::set_sysctl("core/optmem_max", &OPTION_MEMORY.to_string())?;
        let tap = Tap::new(Device::Tap.index(), Device::Tap.name())?;
        let world = Self {
            sockets: Default::default(),
            privileged: true,
            memory: Memory::new()?,
            netlink: Netlink::new()?,
            control: Control::new()?,
            tap,
            second: None,
        };
        world
            .netlink
            .set_hardware_address(Device::Tap.index(), &frame::HOST)?;
        world.netlink.set_up(crate::pool::LO, true)?;
        Ok(world)
    }

    pub fn act(&mut self, action: &Action) -> Answer {
        Answer::Result(match *action {
            Action::Open(slot, kind) => self.open(slot, kind),
            Action::Close(slot) => {
                self.sockets[slot] = None;
                Ok(())
            }
            Action::Join(slot, argument) => self.set(slot, IPV6_JOIN_ANYCAST, &argument),
            Action::Fill(slot, argument) => loop {
                if let Err(errno) = self.set(slot, IPV6_JOIN_ANYCAST, &argument) {
                    break Err(errno);
                }
            },
            Action::Leave(slot, argument) => self.set(slot, IPV6_LEAVE_ANYCAST, &argument),
            Action::Get(slot) => system::get_option(self.socket(slot), IPV6_JOIN_ANYCAST),
            Action::Bind(slot, addr, scope) => self.bind(slot, addr, scope),
            Action::Listen(slot) => self.listen(slot),
            Action::Convert(slot) => self.convert(slot),
            Action::Privilege(privileged) => {
                self.privileged = privileged;
                system::set_net_admin(privileged)
            }
            Action::User(user) => system::set_user(user.uid()),
            Action::Order(order, addr, index) => self.control.order(order, addr, index),
            Action::Packet(packet) => return self.receive(&packet),
            _ => self.as_administrator(|world| world.administrate(action)),
        })
    }

    fn as_administrator(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<(), i32>,
    ) -> Result<(), i32> {
        system::set_net_admin(true)?;
        let result = act(self);
        system::set_net_admin(self.privileged)?;
        result
    }

    fn administrate(&mut self, action: &Action) -> Result<(), i32> {
        match *action {
            Action::Policy(policy) => system::set_sysctl(POLICY, &policy.to_string()),
            Action::MaxGroups(count) => {
                system::set_sysctl("ipv6/anycast6/max_groups", &count.to_string())
            }
            Action::Forward(device, on) => {
                let name = device.map_or("all", Device::name);
                system::set_sysctl(&conf(name, "forwarding"), number(on))
            }
            Action::Up(device, up) => {
                self.netlink.set_up(device.index(), up)?;
                answer_at_once(device)
            }
            Action::Ipv6(device, on) => self.set_ipv6(device, on),
            Action::Small(device, small) => {
                let mtu = if small { MTU_TOO_SMALL } else { MTU };
                self.netlink.set_mtu(device.index(), mtu)?;
                answer_at_once(device)
            }
            Action::AddAddress(device, addr) => {
                self.netlink
                    .add_address(device.index(), addr, PREFIX_LENGTH)
            }
            Action::DeleteAddress(device, addr) => {
                self.netlink.delete_address(device.index(), addr)
            }
            Action::Presence(true) => self.add_second(),
            Action::Presence(false) => {
                self.second = None;
                Ok(())
            }
            _ => unreachable!("no matter of an administrator"),
        }
    }

    fn socket(&self, slot: Slot) -> &OwnedFd {
        self.sockets[slot].as_ref().expect("a socket")
    }

    fn open(&mut self, slot: Slot, kind: Kind) -> Result<(), i32> {
        let (family, kind, protocol) = match kind {
            Kind::Udp => (libc::AF_INET6, libc::SOCK_DGRAM, 0),
            Kind::Tcp => (libc::AF_INET6, libc::SOCK_STREAM, 0),
            Kind::Icmp => (libc::AF_INET6, libc::SOCK_RAW, libc::IPPROTO_ICMPV6),
            Kind::Udp4 => (libc::AF_INET, libc::SOCK_DGRAM, 0),
        };
        self.sockets[slot] = None;
        let socket = system::socket(family, kind, protocol)?;
        system::set_number(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
        self.sockets[slot] = Some(socket);
        Ok(())
    }

    fn set(&mut self, slot: Slot, option: c_int, argument: &Argument) -> Result<(), i32> {
        let value = self.memory.put(argument);
        system::set_option(self.socket(slot), option, value, argument.length)
    }

    fn bind(&mut self, slot: Slot, addr: Ipv6Addr, scope: i32) -> Result<(), i32> {
        let scope = if addr.is_unicast_link_local() {
            scope
        } else {
            0
        };
        let address = socket_address(addr, port(slot), scope);
        let length = size_of_val(&address) as libc::socklen_t;
        let fd = self.socket(slot).as_raw_fd();
        // SAFETY: The address is there, and of that length.
        let result = unsafe { libc::bind(fd, (&raw const address).cast(), length) };
        system::checked(result).map(drop)
    }

    fn listen(&mut self, slot: Slot) -> Result<(), i32> {
        // SAFETY: The call takes numbers only.
        system::checked(unsafe { libc::listen(self.socket(slot).as_raw_fd(), 8) }).map(drop)
    }

    fn convert(&mut self, slot: Slot) -> Result<(), i32> {
        let socket = self.socket(slot);
        // The conversion says what it makes of a socket that could not be connected.
        if let Ok(libc::SOCK_DGRAM) = kind_of(socket) {
            let address = socket_address(address("::ffff:127.0.0.1"), 9, 0);
            let length = size_of_val(&address) as libc::socklen_t;
            // SAFETY: The address is there, and of that length.
            unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), length) };
        }
        system::set_number(socket, libc::IPPROTO_IPV6, IPV6_ADDRFORM, libc::AF_INET)
    }

    fn set_ipv6(&mut self, device: Device, on: bool) -> Result<(), i32> {
        let name = conf(device.name(), "disable_ipv6");
        let was = system::sysctl(&name)?.trim() == "0";
        system::set_sysctl(&name, number(!on))?;
        if on && !was {
            self.netlink
                .add_address(device.index(), device.wake(), 128)?;
        }
        Ok(())
    }

    fn add_second(&mut self) -> Result<(), i32> {
        let device = Device::Second;
        self.second = Some(Tap::new(device.index(), device.name())?);
        self.netlink.set_up(device.index(), true)?;
        for text in device.addresses() {
            self.netlink
                .add_address(device.index(), address(text), PREFIX_LENGTH)?;
        }
        Ok(())
    }

    /// The host gets a packet, and answers before this returns if it is not too busy.
    fn receive(&mut self, packet: &Packet) -> Answer {
        while matches!(self.tap.receive(), Ok(Some(_))) {}
        if let Err(error) = self.tap.send(&frame::build(packet)) {
            return Answer::Result(Err(error));
        }
        match packet.form {
            Form::Solicitation => Answer::Advertised(self.advertises(packet.address)),
            _ => Answer::Result(Ok(())),
        }
    }

    /// Has the host sent an advertisement of the address meanwhile?
    pub fn advertises(&mut self, address: Ipv6Addr) -> bool {
        let mut advertised = false;
        while let Ok(Some(frame)) = self.tap.receive() {
            advertised |= frame::advertised(&frame) == Some(address);
        }
        advertised
    }
}

fn kind_of(socket: &OwnedFd) -> Result<c_int, i32> {
    let mut kind: c_int = 0;
    let mut length = size_of_val(&kind) as libc::socklen_t;
    // SAFETY: Value and length are there, and of that size.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TYPE,
            (&raw mut kind).cast(),
            &mut length,
        )
    };
    system::checked(result).map(|_| kind)
}

fn socket_address(addr: Ipv6Addr, port: u16, scope: i32) -> libc::sockaddr_in6 {
    libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as u16,
        sin6_port: port.to_be(),
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr {
            s6_addr: addr.octets(),
        },
        sin6_scope_id: u32::from_ne_bytes(scope.to_ne_bytes()),
    }
}

/// Solicitations for groups are not to be answered after a delay; to be said to each new IPv6 side.
fn answer_at_once(device: Device) -> Result<(), i32> {
    let name = format!("ipv6/neigh/{}/proxy_delay", device.name());
    match system::set_sysctl(&name, "0") {
        Err(libc::ENOENT) => Ok(()),
        result => result,
    }
}

fn conf(device: &str, name: &str) -> String {
    format!("ipv6/conf/{device}/{name}")
}

fn number(on: bool) -> &'static str {
    if on {
        "1"
    } else {
        "0"
    }
}
