# SPDX-License-Identifier: GPL-2.0
"""bind() to the address of a group: C refuses it, the module takes a group that is held."""

import socket
import struct
from collections import Counter
from collections.abc import Callable

import pytest

from harness.kernel.implementation import MODULE
from harness.process.privilege import become_nobody
from harness.sockopt import anycast
from harness.sockopt.anycast import result
from harness.sockopt.options import IPV6_FREEBIND
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, Cable
from harness.topology.loss import LOSSES
from harness.topology.second import Second
from harness.wire.packets import ECHO_REPLY, ECHO_REQUEST, receive

KINDS = pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
PORT = 4242
SECONDS, LEAST = 3.0, 1000


@pytest.fixture
def granted(implementation: str) -> str:
    """What a bind() is answered that the module grants and C does not know."""
    return "OK" if implementation == MODULE else "EADDRNOTAVAIL"


def bind(sock: socket.socket, address: str, scope: int = 0, port: int = PORT) -> str:
    return result(lambda: sock.bind((address, port, 0, scope)))


def to_device(sock: socket.socket, name: str) -> socket.socket:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
    return sock


def free(sock: socket.socket) -> int:
    return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND)


@KINDS
@pytest.mark.usefixtures("implementation")
def test_without_a_group(server: Host, kind: int) -> None:
    """A refused socket is as it was: it binds to an own address afterwards."""
    server.member(SECOND)
    sock = server.open(kind)
    assert bind(sock, GROUP) == "EADDRNOTAVAIL"
    assert bind(sock, server.address) == "OK"


@KINDS
def test_published(server: Host, granted: str, kind: int) -> None:
    """What counts is that the group is held at the time of the call."""
    member = server.member(GROUP)
    sock = server.open(kind)
    assert bind(sock, GROUP) == granted
    assert sock.getsockname()[0] == (GROUP if granted == "OK" else "::")
    member.close()
    assert server.groups() == []
    assert bind(server.open(kind), GROUP, port=PORT + 1) == "EADDRNOTAVAIL"
    assert sock.getsockname()[0] == (GROUP if granted == "OK" else "::")


@KINDS
@pytest.mark.parametrize("name", LOSSES)
def test_dormant(cable: Cable, granted: str, kind: int, name: str) -> None:
    """A program may start before its network does."""
    server, loss = cable.server, LOSSES[name]
    server.member(GROUP)
    loss.lose(cable)
    assert bind(server.open(kind), GROUP) == granted
    assert bind(server.open(kind), SECOND) == "EADDRNOTAVAIL"
    loss.restore(cable)


@KINDS
def test_by_the_member_itself(server: Host, granted: str, kind: int) -> None:
    sock = server.open(kind)
    anycast.join(sock, GROUP, IFINDEX)
    assert bind(sock, GROUP) == granted


@KINDS
def test_link_local(server: Host, granted: str, kind: int) -> None:
    """The device comes with the address or with the socket; C asks for one before all else."""
    server.member(LINK_LOCAL_GROUP)
    assert bind(server.open(kind), LINK_LOCAL_GROUP) == "EINVAL"
    assert bind(server.open(kind), LINK_LOCAL_GROUP, IFINDEX) == granted
    sock = to_device(server.open(kind), server.device)
    assert bind(sock, LINK_LOCAL_GROUP, port=PORT + 1) == granted
    sock = to_device(server.open(kind), server.device)
    assert bind(sock, LINK_LOCAL_GROUP, IFINDEX, port=PORT + 2) == granted


@KINDS
def test_link_local_of_another_device(server: Host, other: Second, granted: str, kind: int) -> None:
    """The device of the address goes before that of the socket."""
    server.member(LINK_LOCAL_GROUP)
    assert bind(server.open(kind), LINK_LOCAL_GROUP, other.ifindex) == "EADDRNOTAVAIL"
    sock = to_device(server.open(kind), other.name)
    assert bind(sock, LINK_LOCAL_GROUP) == "EADDRNOTAVAIL"
    assert bind(sock, LINK_LOCAL_GROUP, IFINDEX) == granted
    assert bind(server.open(kind), LINK_LOCAL_GROUP, 4711) == "ENODEV"


@KINDS
def test_link_local_on_two_devices(server: Host, other: Second, granted: str, kind: int) -> None:
    """Each device has its own, for as long as it is held there."""
    member = server.member(LINK_LOCAL_GROUP)
    elsewhere = server.open()
    anycast.join(elsewhere, LINK_LOCAL_GROUP, other.ifindex)
    assert bind(server.open(kind), LINK_LOCAL_GROUP, IFINDEX) == granted
    assert bind(server.open(kind), LINK_LOCAL_GROUP, other.ifindex) == granted
    member.close()
    assert bind(server.open(kind), LINK_LOCAL_GROUP, IFINDEX, PORT + 1) == "EADDRNOTAVAIL"
    assert bind(server.open(kind), LINK_LOCAL_GROUP, other.ifindex, PORT + 1) == granted


@KINDS
def test_global_from_any_device(server: Host, other: Second, granted: str, kind: int) -> None:
    """As with an own address: a socket of one device may have the address of another one."""
    server.member(GROUP)
    sock = to_device(server.open(kind), other.name)
    assert bind(sock, GROUP) == granted
    assert bind(server.open(kind), GROUP, other.ifindex, PORT + 1) == granted
    own = to_device(server.open(kind), other.name)
    assert bind(own, server.address) == "OK"


@KINDS
@pytest.mark.usefixtures("implementation")
def test_of_another_namespace(server: Host, client: Host, kind: int) -> None:
    server.member(GROUP)
    assert bind(client.open(kind), GROUP) == "EADDRNOTAVAIL"


@KINDS
@pytest.mark.parametrize("value", [0, 1])
def test_freebind_stays_what_it_was(server: Host, granted: str, kind: int, value: int) -> None:
    """With the option C takes any address, too; without it nothing of it is left behind."""
    sock = server.open(kind)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, value)
    if not value:
        assert bind(sock, GROUP) == "EADDRNOTAVAIL"
        assert free(sock) == 0
    server.member(GROUP)
    assert bind(sock, GROUP) == ("OK" if value else granted)
    assert free(sock) == value
    sock = server.open(kind)
    assert bind(sock, GROUP, port=PORT + 1) == granted
    assert free(sock) == 0
    assert bind(sock, SECOND, port=PORT + 2) == ("EINVAL" if granted == "OK" else "EADDRNOTAVAIL")
    assert free(sock) == 0


@KINDS
@pytest.mark.usefixtures("implementation")
def test_freebind_is_the_programs_alone(server: Host, soak: Soak, kind: int) -> None:
    """It is what it was set to last, whoever binds by the socket meanwhile."""
    server.member(GROUP)
    sock, first = server.open(kind), server.open(kind)
    bind(first, GROUP)
    span = Span(soak.length(SECONDS), LEAST)

    def binder() -> Counter[str]:
        done: Counter[str] = Counter()
        span.start()
        while not span.over(done):
            done[bind(sock, GROUP)] += 1
        return done

    def setter() -> Counter[str]:
        done: Counter[str] = Counter()
        span.start()
        while not span.over(done):
            value = done["settings"] % 2
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, value)
            done["lost"] += free(sock) != value
            done["settings"] += 1
        return done

    children = span.child(server, binder), span.child(server, setter, ("settings",))
    span.begin()
    refused, done = (child.result(span.limit()) for child in children)
    soak.record(binds=refused.total(), settings=done["settings"])
    assert done["lost"] == 0
    # C looks at the option, and then at the port.
    assert set(refused) <= {"EADDRINUSE", "EADDRNOTAVAIL", "OK", "EINVAL"}


@KINDS
def test_a_failure_of_another_kind_leaves_freebind_alone(
    server: Host, granted: str, kind: int
) -> None:
    server.member(GROUP)
    first, second = server.open(kind), server.open(kind)
    assert bind(first, GROUP) == granted
    assert bind(second, GROUP) == ("EADDRINUSE" if granted == "OK" else "EADDRNOTAVAIL")
    assert free(second) == 0
    assert bind(second, SECOND, port=PORT + 1) == "EADDRNOTAVAIL"
    assert bind(second, server.address) == "OK"


@KINDS
def test_ports_are_checked_as_ever(server: Host, granted: str, kind: int) -> None:
    """A wildcard socket has the port of all addresses, groups included."""
    server.member(GROUP, SECOND)
    in_use = "EADDRINUSE" if granted == "OK" else "EADDRNOTAVAIL"
    assert bind(server.open(kind), "::") == "OK"
    assert bind(server.open(kind), GROUP) == in_use
    assert bind(server.open(kind), GROUP, port=PORT + 1) == granted
    assert bind(server.open(kind), SECOND, port=PORT + 1) == granted
    assert bind(server.open(kind), "::", port=PORT + 1) == (
        "EADDRINUSE" if granted == "OK" else "OK"
    )


@KINDS
def test_any_port(server: Host, granted: str, kind: int) -> None:
    server.member(GROUP)
    sock = server.open(kind)
    assert bind(sock, GROUP, port=0) == granted
    assert (sock.getsockname()[1] != 0) == (granted == "OK")


@KINDS
def test_twice(server: Host, granted: str, kind: int) -> None:
    server.member(GROUP, SECOND)
    sock = server.open(kind)
    assert bind(sock, GROUP) == granted
    assert bind(sock, SECOND) == ("EINVAL" if granted == "OK" else granted)
    assert sock.getsockname()[0] == (GROUP if granted == "OK" else "::")


@KINDS
def test_by_an_ordinary_user(server: Host, granted: str, kind: int) -> None:
    """Who may not join may bind to what another one holds; low ports ask for privilege as ever."""
    server.member(GROUP)

    def work() -> list[str]:
        become_nobody()

        def attempt(address: str, port: int) -> str:
            return bind(socket.socket(socket.AF_INET6, kind), address, port=port)

        joining = socket.socket(socket.AF_INET6, kind)
        return [
            result(lambda: anycast.join(joining, GROUP, IFINDEX)),
            attempt(GROUP, PORT),
            attempt(GROUP, 53),
            attempt(SECOND, PORT),
        ]

    assert server.child(work).result() == ["EPERM", granted, "EACCES", "EADDRNOTAVAIL"]


@pytest.fixture(params=[socket.SOCK_RAW, socket.SOCK_DGRAM], ids=["raw", "ping"])
def icmp(request: pytest.FixtureRequest, server: Host) -> Callable[[], socket.socket]:
    """Makes sockets of protocols that bind by functions of their own."""
    server.namespace.sysctl("ipv4/ping_group_range", "0 2147483647")
    return lambda: server.open(request.param, socket.IPPROTO_ICMPV6)


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("state", ["published", "dormant", "joined by the socket"])
def test_icmp_sockets_as_in_c(cable: Cable, icmp: Callable[[], socket.socket], state: str) -> None:
    """They are for the host's own addresses, whoever holds the group."""
    server, sock = cable.server, icmp()
    anycast.join(sock if state == "joined by the socket" else server.open(), GROUP, IFINDEX)
    if state == "dormant":
        LOSSES["down"].lose(cable)
    assert bind(sock, GROUP, port=0) == "EADDRNOTAVAIL"
    if state == "dormant":
        LOSSES["down"].restore(cable)
    assert bind(sock, server.address, port=0) == "OK"


@pytest.mark.usefixtures("implementation", "undelayed")
def test_icmp_sockets_with_freebind_as_in_c(
    server: Host, client: Host, icmp: Callable[[], socket.socket]
) -> None:
    """They ask from the group, and hear the answer."""
    server.member(GROUP)
    sock = icmp()
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    assert bind(sock, GROUP, port=0) == "OK"
    sock.sendto(struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 1, 7), (client.address, 0))
    while (answer := receive(sock)).payload[0] != ECHO_REPLY:
        pass
    assert (answer.source, answer.payload[6:8]) == (client.address, b"\0\7")


@KINDS
@pytest.mark.usefixtures("implementation")
def test_ipv4_sockets_know_no_groups(server: Host, kind: int) -> None:
    """The address in disguise is not that of the group that ends with the same digits."""
    server.member(GROUP)
    assert bind(server.open(kind), "::ffff:0.0.0.10") == "EADDRNOTAVAIL"
    sock = server.open(kind, family=socket.AF_INET)
    assert result(lambda: sock.bind(("0.0.0.10", PORT))) == "EADDRNOTAVAIL"


@KINDS
def test_connect_finds_the_source_bound(
    server: Host, client: Host, granted: str, kind: int
) -> None:
    """A client may speak from the group as well."""
    server.member(GROUP)
    far = client.open(kind)
    far.bind((client.address, PORT))
    if kind == socket.SOCK_STREAM:
        far.listen()
    sock = server.open(kind)
    assert bind(sock, GROUP) == granted
    if granted == "OK":
        sock.settimeout(20)
        sock.connect((client.address, PORT))
        assert sock.getsockname()[:2] == (GROUP, PORT)


@KINDS
def test_subnet_router_anycast(server: Host, granted: str, kind: int) -> None:
    """A router's own group is one as well, for as long as it is a router."""
    assert bind(server.open(kind), PREFIX) == "EADDRNOTAVAIL"
    server.forwarding(True)
    assert PREFIX in [group.address for group in server.groups()]
    assert bind(server.open(kind), PREFIX) == granted
    server.forwarding(False)
    assert bind(server.open(kind), PREFIX, port=PORT + 1) == "EADDRNOTAVAIL"
