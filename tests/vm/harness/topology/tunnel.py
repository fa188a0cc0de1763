# SPDX-License-Identifier: GPL-2.0
"""Tunnels between the hosts of a cable, of each kind that leads from one host to another.

+-------------- server --------------+    +-------------- client --------------+
|        2001:db8:7::1/64 and        |    |        2001:db8:7::2/64 and        |
|  fe80::7:1/64 of the device tunnel |    |  fe80::7:2/64 of the device tunnel |
|                  |                 |    |                  |                 |
|             veth-server ===================================== veth-client    |
+------------------------------------+    +------------------------------------+
"""

import base64
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pyroute2 import WireGuard

from harness.topology.host import Host
from harness.topology.lan import Cable

NAME = "tunnel"
NET = "2001:db8:7::"
PORT = 4789
IPV4 = {"server": "192.0.2.1", "client": "192.0.2.2"}
# Whether new namespaces get a device of each kind that nobody asked for.
FALLBACK = Path("/proc/sys/net/core/fb_tunnels_only_for_init_net")
# As `ip link` wants it, but for the names and addresses of the two ends.
KINDS = {
    "sit": "sit local {ipv4} remote {far_ipv4}",
    "ip6tnl": "ip6tnl mode ip6ip6 local {own} remote {far}",
    "ip6gre": "ip6gre local {own} remote {far}",
    "vxlan": "vxlan id 7 dstport {port} local {own} remote {far} dev {device}",
}
MODULES = {"ip6tnl": "ip6_tunnel", "ip6gre": "ip6_gre", "ppp": "pppoe"}

AF_PPPOX, SESSION = 24, 7
PPPIOCGCHAN, PPPIOCATTCHAN, PPPIOCCONNECT = 0x80047437, 0x40047438, 0x4004743A
PPPIOCNEWUNIT = 0xC004743E
LIBC = ctypes.CDLL(None, use_errno=True)


class End(NamedTuple):
    """The addresses of a host's device."""

    host: Host
    own: str
    link_local: str


class Tunnel(NamedTuple):
    server: End
    client: End


@contextmanager
def tunnel(cable: Cable, kind: str) -> Iterator[Tunnel]:
    """The devices, up and with their addresses; they are gone in the end."""
    FALLBACK.write_text("1", encoding="ascii")
    cable.server.namespace.run("modprobe", MODULES.get(kind, kind))
    ends = [End(host, f"{NET}{n}", f"fe80::7:{n}") for n, host in enumerate(cable.hosts, 1)]
    with ExitStack() as stack:
        MAKERS.get(kind, _by_ip_link)(cable, kind, stack)
        for host, *addresses in ends:
            host.namespace.run("ip", "link", "set", NAME, "up")
            host.namespace.sysctl(f"ipv6/neigh/{NAME}/proxy_delay", "0")
            for address in addresses:
                host.namespace.add_address(NAME, address)
        yield Tunnel(*ends)
        for host in cable.hosts:
            if kind != "ppp":
                host.namespace.delete_device(NAME)


def _by_ip_link(cable: Cable, kind: str, _stack: ExitStack) -> None:
    for host, far in _pairs(cable):
        rtnl = host.namespace.rtnl
        rtnl.addr("add", index=host.ifindex, address=IPV4[host.name], prefixlen=24)
        words = KINDS[kind].format(
            ipv4=IPV4[host.name],
            far_ipv4=IPV4[far.name],
            own=host.address,
            far=far.address,
            device=host.device,
            port=PORT,
        )
        host.namespace.run("ip", "link", "add", NAME, "type", *words.split())


def _wireguard(cable: Cable, kind: str, _stack: ExitStack) -> None:
    keys = {host.name: _key_pair() for host in cable.hosts}
    for host, far in _pairs(cable):
        host.namespace.run("ip", "link", "add", NAME, "type", kind)
        peer = {
            "public_key": keys[far.name][1],
            "endpoint_addr": far.address,
            "endpoint_port": PORT,
            "allowed_ips": [f"{NET}/64", "fe80::/64"],
        }
        with host.namespace.inside():
            wireguard = WireGuard()
        wireguard.set(NAME, private_key=keys[host.name][0], listen_port=PORT, peer=peer)
        wireguard.close()


def _key_pair() -> tuple[str, str]:
    """A private and a public key; the last 32 bytes of either are the key itself."""
    private = _openssl("genpkey", "-algorithm", "X25519", "-outform", "DER")
    public = _openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", given=private)
    return tuple(base64.b64encode(key[-32:]).decode() for key in (private, public))


def _openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def _ppp(cable: Cable, _kind: str, stack: ExitStack) -> None:
    """PPP over Ethernet, both ends of a session of which nobody has negotiated anything."""
    for host, far in _pairs(cable):
        session = host.open(socket.SOCK_STREAM, family=AF_PPPOX)
        address = struct.pack("=HI", AF_PPPOX, 0) + SESSION.to_bytes(2)
        address += bytes.fromhex(far.mac.replace(":", "")) + host.device.encode().ljust(16, b"\0")
        assert LIBC.connect(session.fileno(), address, len(address)) == 0, ctypes.get_errno()
        with host.namespace.inside():
            channel, unit = (os.open("/dev/ppp", os.O_RDWR | os.O_CLOEXEC) for _ in range(2))
            for descriptor in channel, unit:
                stack.callback(os.close, descriptor)
            number = _ioctl(session.fileno(), PPPIOCGCHAN, 0)
            _ioctl(channel, PPPIOCATTCHAN, number)
            number = _ioctl(unit, PPPIOCNEWUNIT, -1)
            _ioctl(channel, PPPIOCCONNECT, number)
        host.namespace.run("ip", "link", "set", f"ppp{number}", "name", NAME)


def _ioctl(descriptor: int, request: int, value: int) -> int:
    """One that passes an int, and may change it."""
    return struct.unpack("=i", fcntl.ioctl(descriptor, request, struct.pack("=i", value)))[0]


def _pairs(cable: Cable) -> Iterator[tuple[Host, Host]]:
    server, client = cable.hosts
    yield server, client
    yield client, server


MAKERS: dict[str, Callable[[Cable, str, ExitStack], None]] = {
    "wireguard": _wireguard,
    "ppp": _ppp,
}
