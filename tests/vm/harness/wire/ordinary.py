# SPDX-License-Identifier: GPL-2.0
"""What programs do with UDP and TCP that know nothing of anycast, and what comes of it.

Every function yields rows: what was done, and all that could be seen of its outcome.
"""

import ctypes
import errno
import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from harness.process.privilege import become_nobody
from harness.sockopt.anycast import result
from harness.sockopt.options import IPV6_FREEBIND, IPV6_TRANSPARENT
from harness.topology.host import Host
from harness.topology.lan import GROUP, OFF_PREFIX, Cable
from harness.views.netstat import tcp_counters
from harness.wire.packets import IPV6_RECVPKTINFO, receive
from harness.wire.tcp import LIMIT, Knock, one_processor

type Row = tuple[str, object]
type Part = Callable[[Cable], Iterator[Row]]
type Options = list[tuple[int, int, int | bytes]]
LIBC = ctypes.CDLL(None, use_errno=True)

PORT, OTHER_PORT = 8080, 8081
IPV4 = {"server": "192.0.2.1", "client": "192.0.2.2"}
MAPPED = "::ffff:" + IPV4["server"]
STRANGE_MAPPED = "::ffff:192.0.2.77"

KINDS = {
    "tcp": (socket.SOCK_STREAM, 0),
    "udp": (socket.SOCK_DGRAM, 0),
    "mptcp": (socket.SOCK_STREAM, socket.IPPROTO_MPTCP),
    "raw": (socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
}
V6 = socket.IPPROTO_IPV6
OPTIONS: dict[str, Options] = {
    "plain": [],
    "v6only": [(V6, socket.IPV6_V6ONLY, 1)],
    "freebind": [(V6, IPV6_FREEBIND, 1)],
    "transparent": [(V6, IPV6_TRANSPARENT, 1)],
    "device": [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"veth-server")],
    "loopback": [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")],
}
SHARING: dict[str, Options] = {
    "alone": [],
    "reuseaddr": [(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)],
    "reuseport": [(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)],
    "reuseport v6only": [
        (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),
        (V6, socket.IPV6_V6ONLY, 1),
    ],
}


def rows(cable: Cable) -> list[Row]:
    """The whole set, on a fresh cable with an IPv4 address at either end."""
    for host in cable.hosts:
        host.namespace.rtnl.addr("add", index=host.ifindex, address=IPV4[host.name], prefixlen=24)
    cable.server.proxy_delay(0)
    local: list[Part] = [binds, sockaddrs, changed_settings, conflicts, states]
    both: list[Part] = [privileges, connections, datagrams, syns]
    with one_processor():
        with cable.server.namespace.inside():
            found = [row for part in local for row in part(cable)]
        return found + [row for part in both for row in part(cable)]


def kinds(*wanted: str) -> list[str]:
    """Those of the wanted ones, or of all, that this kernel has: a small one is without MPTCP."""
    has_mptcp = Path("/proc/sys/net/mptcp").exists()
    return [kind for kind in wanted or KINDS if kind != "mptcp" or has_mptcp]


def addresses(host: Host) -> list[str]:
    own = ["::", "::1", host.address, host.link_local]
    mapped = ["::ffff:0.0.0.0", MAPPED, STRANGE_MAPPED]
    return [*own, *mapped, "ff02::1", "ff0e::1", GROUP, OFF_PREFIX, "fe80::77"]


def binds(cable: Cable) -> Iterator[Row]:
    """Each kind of socket, with each option, to each address, by each device."""
    server = cable.server
    for kind, options, address, scope in itertools.product(
        kinds(), OPTIONS, addresses(server), (0, 1, server.ifindex, 4711)
    ):
        with _made(kind, OPTIONS[options]) as sock:
            done = _bind(sock, address, scope=scope)
            yield f"bind {kind} {options} {address} {scope}", (done, *_seen(sock))


def sockaddrs(cable: Cable) -> Iterator[Row]:
    """Addresses that are too short, too long, or of another family."""
    families = (socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6, socket.AF_PACKET)
    packed = [socket.inet_pton(socket.AF_INET6, a) for a in (cable.server.address, GROUP, "::")]
    for kind, family, address, length in itertools.product(
        ("tcp", "udp"),
        families,
        packed,
        (0, 1, 2, 8, 15, 16, 20, 23, 24, 25, 27, 28, 29, 64, 128, 129),
    ):
        with _made(kind, []) as sock:
            data = struct.pack("=H2sI16sI", family, PORT.to_bytes(2), 0, address, 0).ljust(
                256, b"\0"
            )
            done = LIBC.bind(sock.fileno(), data, length)
            outcome = errno.errorcode[ctypes.get_errno()] if done else "OK"
            yield f"sockaddr {kind} {family} {address.hex()} {length}", (outcome, *_seen(sock))


def changed_settings(cable: Cable) -> Iterator[Row]:
    server = cable.server
    for name in ("ipv6/ip_nonlocal_bind", "ipv6/bindv6only"):
        server.namespace.sysctl(name, "1")
        for kind, address in itertools.product(kinds(), addresses(server)):
            with _made(kind, []) as sock:
                done = _bind(sock, address, scope=server.ifindex)
                yield f"{name} {kind} {address}", (done, *_seen(sock))
        server.namespace.sysctl(name, "0")


def conflicts(cable: Cable) -> Iterator[Row]:
    """Two sockets for one port."""
    server = cable.server
    names = ["::", "::1", server.address, "::ffff:0.0.0.0", MAPPED]
    for kind, first, second, ours, theirs in itertools.product(
        ("tcp", "udp"), names, names, SHARING, SHARING
    ):
        with _made(kind, SHARING[ours]) as one, _made(kind, SHARING[theirs]) as two:
            outcome = [_bind(one, first)]
            if kind == "tcp":
                outcome.append(result(one.listen))
            outcome.append(_bind(two, second))
            if kind == "tcp":
                outcome.append(result(two.listen))
            yield f"conflict {kind} {first} {ours} {second} {theirs}", outcome


def states(cable: Cable) -> Iterator[Row]:
    """bind() twice, after connect(), after listen(), of a socket that is IPv4's."""
    server = cable.server
    for kind, first, second in itertools.product(
        kinds("tcp", "udp", "mptcp"), ("::", server.address, MAPPED), ("::", server.address, GROUP)
    ):
        with _made(kind, []) as sock:
            done = [_bind(sock, address) for address in (first, second)]
            done.append(result(partial(sock.connect, (server.address, OTHER_PORT))))
            done.append(_bind(sock, second, OTHER_PORT))
            yield f"state {kind} {first} {second}", (done, *_seen(sock))
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for address in ("0.0.0.0", "127.0.0.1", IPV4["server"], "192.0.2.77", "224.0.0.1"):
            with socket.socket(socket.AF_INET, kind) as sock:
                done = result(partial(sock.bind, (address, PORT)))
                yield f"IPv4 {kind} {address}", (done, sock.getsockname())


def privileges(cable: Cable) -> Iterator[Row]:
    """Low ports, and an ordinary user."""
    server = cable.server

    def work() -> list[Row]:
        become_nobody()
        found: list[Row] = []
        for kind, port, address in itertools.product(
            ("tcp", "udp"), (0, 53, 1023, 1024), ("::", server.address, GROUP, "::ffff:0.0.0.0")
        ):
            with socket.socket(socket.AF_INET6, *KINDS[kind]) as sock:
                done = _bind(sock, address, port)
                found.append((f"nobody {kind} {port} {address}", done))
        return found

    yield from server.child(work).result()


def connections(cable: Cable) -> Iterator[Row]:
    """A listener on each address, and clients that ask for each."""
    server, client = cable.hosts
    listening = ["::", server.address, server.link_local, "::ffff:0.0.0.0", MAPPED]
    asked = [server.address, server.link_local, MAPPED]
    for kind, options, address in itertools.product(
        kinds("tcp", "mptcp"), ("plain", "v6only"), listening
    ):
        with _open(server, kind, [*OPTIONS[options], *SHARING["reuseaddr"]]) as sock:
            done = _bind(sock, address, scope=server.ifindex)
            sock.settimeout(LIMIT)
            if done == "OK":
                sock.listen()
            for target in asked:
                yield (
                    f"listen {kind} {options} {address}: {target}",
                    (done, _connect(client, sock, target)),
                )


def _connect(client: Host, listening: socket.socket, target: str) -> object:
    with _open(client, "tcp", []) as near:
        near.settimeout(LIMIT)
        done = result(lambda: near.connect((target, PORT, 0, client.ifindex)))
        if done != "OK":
            return done
        far, peer = listening.accept()
        with far:
            far.sendall(b"welcome")
            return near.recv(100), far.getsockname()[0], peer[0], near.getpeername()[0]


def datagrams(cable: Cable) -> Iterator[Row]:
    """A service on each address, and datagrams to each; where the answer comes from."""
    server, client = cable.hosts
    asked = [server.address, server.link_local, MAPPED, "ff02::1"]
    for address in ("::", server.address, server.link_local, MAPPED, "ff02::1"):
        with _open(server, "udp", [(V6, IPV6_RECVPKTINFO, 1)]) as service:
            service.bind((address, PORT, 0, server.ifindex))
            with _open(server, "udp", [(V6, IPV6_RECVPKTINFO, 1)]) as end:
                end.bind(("::", OTHER_PORT))
                yield from _ask_all(client, service, end, address, asked)


def _ask_all(
    client: Host, service: socket.socket, end: socket.socket, address: str, asked: list[str]
) -> Iterator[Row]:
    for target in asked:
        with _open(client, "udp", []) as near:
            to = (target, PORT, 0, client.ifindex)
            sent = result(partial(near.sendto, b"question", to))
            near.sendto(b"end", (asked[0], OTHER_PORT))
            assert receive(end).payload == b"end"
            service.setblocking(False)
            try:
                data, _, _, source = service.recvmsg(100, 100)
            except BlockingIOError:
                yield f"datagram {address} {target}", (sent, "nothing")
                continue
            service.sendto(b"answer", source)
            answer = receive(near)
            yield (
                f"datagram {address} {target}",
                (sent, data, source[0], answer.source, answer.payload),
            )


def syns(cable: Cable) -> Iterator[Row]:
    """Such as no client sends: to nobody, to multicast, with cookies; and what is counted."""
    server = cable.server
    knock = Knock(cable)
    modes = ("0", "1", "2") if Path("/proc/sys/net/ipv4/tcp_syncookies").exists() else ("none",)
    for cookies, address in itertools.product(modes, ("::", server.address)):
        if cookies != "none":
            server.namespace.sysctl("ipv4/tcp_syncookies", cookies)
        with _open(server, "tcp", SHARING["reuseaddr"]) as sock:
            sock.bind((address, PORT))
            sock.listen()
            for target in (server.address, server.link_local, GROUP, "ff02::1"):
                before = _counters(server)
                answer = knock.answer(target)
                counted = {k: v - before[k] for k, v in _counters(server).items()}
                yield f"SYN {cookies} {address}: {target}", (answer, counted)
            before = _counters(server)
            answer = knock.answer(server.address, source="::ffff:192.0.2.9")
            counted = {k: v - before[k] for k, v in _counters(server).items()}
            yield f"SYN {cookies} {address} from a mapped address", (answer, counted)


def _counters(host: Host) -> dict[str, int]:
    """Of dropped SYNs."""
    found = tcp_counters(host.namespace)
    counters = {name: found[name] for name in ("ListenDrops", "ListenOverflows")}
    for line in host.namespace.proc("snmp6").decode("ascii").splitlines():
        name, value = line.split()
        if name in ("Ip6InHdrErrors", "Ip6InAddrErrors", "Ip6InDiscards"):
            counters[name] = int(value)
    return counters


def _open(host: Host, kind: str, options: Options) -> socket.socket:
    with host.namespace.inside():
        return _made(kind, options)


def _made(kind: str, options: Options) -> socket.socket:
    """In the namespace that the caller is in."""
    sock = socket.socket(socket.AF_INET6, *KINDS[kind])
    for level, option, value in options:
        result(
            lambda level=level, option=option, value=value: sock.setsockopt(level, option, value)
        )
    return sock


def _bind(sock: socket.socket, address: str, port: int = PORT, scope: int = 0) -> str:
    return result(lambda: sock.bind((address, port, 0, scope)))


def _seen(sock: socket.socket) -> tuple[object, ...]:
    """What is left of a bind() in the socket."""
    options = [
        _value(partial(sock.getsockopt, V6, option))
        for option in (IPV6_FREEBIND, IPV6_TRANSPARENT, socket.IPV6_V6ONLY)
    ]
    device = _value(lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16))
    return (sock.getsockname(), *options, device)


def _value(action: Callable[[], object]) -> object:
    try:
        return action()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
