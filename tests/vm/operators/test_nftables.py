# SPDX-License-Identifier: GPL-2.0
"""Rules of nftables for groups: by the type of an address, with answers, with state, with NAT."""

import errno
import json
import re
import socket

import pytest

from harness.defect import Defect
from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt.options import IPV6_FREEBIND
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, Cable
from harness.views.observer import ABSENT, BLACK_HOLE, PUBLISHED, Observer
from harness.wire import tcp
from harness.wire.packets import Echo, Service, packet_info, readable, receive
from harness.wire.tcp import LIMIT, connect, listener, one_processor

pytestmark = pytest.mark.usefixtures("undelayed")

PORT = Service.PORT
UNREACHABLE, BY_RULE = 1, 4  # type and code of an ICMPv6 error
# What neighbour discovery needs, and then only answers to what was asked.
STATEFUL = (
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
    "ct state established,related accept",
)
KINDS = ("anycast", "local", "unicast")


def chain(host: Host, hook: str, *rules: str, kind: str = "filter", policy: str = "accept") -> None:
    """A chain of the host's one table."""
    base = f"type {kind} hook {hook} priority 0; policy {policy};"
    host.namespace.run("nft", f"table ip6 t {{ chain {hook} {{ {base} {'; '.join(rules)}; }}; }}")


def without_rules(host: Host) -> None:
    host.namespace.run("nft", "flush ruleset")


def asked(client: Host, service: Service, group: str) -> bool:
    """Whether a datagram to the group arrives, before a later one to the server's own address."""
    sock, own = client.open(), f"{PREFIX}1"
    with one_processor():
        for address in group, own:
            sock.sendto(b"?", (address, PORT))
        seen = [service.receive().destination]
        while seen[-1] != own:
            seen.append(service.receive().destination)
    sock.close()
    return group in seen


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ("fib daddr type anycast drop", False),
        ("fib daddr . iif type != { local, broadcast, multicast } drop", False),
        ("fib daddr . iif type != { local, anycast, broadcast, multicast } drop", True),
    ],
)
def test_rule_by_type(server: Host, client: Host, rule: str, passes: bool) -> None:
    """A group's type is anycast and not local, which a rule must name."""
    service = Service(server)
    server.member(GROUP)
    assert Echo(client).answerer(GROUP)
    assert asked(client, service, GROUP)
    chain(server, "prerouting", rule)
    assert asked(client, service, GROUP) == passes
    without_rules(server)
    assert asked(client, service, GROUP)


def counted(host: Host) -> dict[str, int]:
    """How many packets the named counters have counted; they begin anew."""
    listing = json.loads(host.namespace.run("nft", "-j", "reset", "counters"))["nftables"]
    counters = [item["counter"] for item in listing if "counter" in item]
    return {counter["name"]: counter["packets"] for counter in counters if counter["packets"]}


def count_types(host: Host) -> None:
    """Packets that come for the group, by what the host takes its address for."""
    for kind in KINDS:
        host.namespace.run("nft", f"table ip6 t {{ counter {kind} {{ }}; }}")
    rules = [f"ip6 daddr {GROUP} fib daddr type {kind} counter name {kind}" for kind in KINDS]
    chain(host, "prerouting", *rules)


def test_type_follows_the_group(defect: Defect, cable: Cable, observer: Observer) -> None:
    """Rules see the group come, return with its device and go."""
    server = cable.server
    count_types(server)
    observer.becomes(ABSENT, GROUP)
    assert set(counted(server)) == {"unicast"}
    sock = server.member(GROUP)
    observer.becomes(PUBLISHED, GROUP)
    assert "anycast" in counted(server)
    loss.down(cable)
    loss.up(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    counted(server)
    observer.state(GROUP)
    defect.check(set(counted(server)), {"anycast"}, {"unicast"})
    sock.close()
    observer.becomes(ABSENT, GROUP)
    counted(server)
    observer.state(GROUP)
    assert set(counted(server)) == {"unicast"}
    without_rules(server)


@pytest.mark.usefixtures("implementation")
def test_rejected_datagram(server: Host, client: Host) -> None:
    """The client learns of it, from the group."""
    service, errors = Service(server), client.open(socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    server.member(GROUP)
    assert Echo(client).answerer(GROUP)
    chain(server, "input", f"ip6 daddr {GROUP} udp dport {PORT} reject")
    asking = client.open()
    asking.settimeout(LIMIT)
    asking.connect((GROUP, PORT))
    asking.send(b"?")
    with pytest.raises(ConnectionRefusedError):
        asking.recv(64)
    assert service.received() == []
    while readable(errors, LIMIT):
        message, source = errors.recvfrom(2048)
        if message[:2] == bytes([UNREACHABLE, BY_RULE]):
            assert source[0] == GROUP
            return
    raise AssertionError("no error has come")


@pytest.mark.usefixtures("implementation")
def test_rejected_connection(server: Host, client: Host) -> None:
    """A port of a group that nobody serves is silent; a rule can make it answer."""
    server.member(GROUP)
    chain(server, "input", f"ip6 daddr {GROUP} tcp dport {tcp.PORT} reject with tcp reset")
    near = client.open(socket.SOCK_STREAM)
    near.settimeout(LIMIT)
    assert near.connect_ex((GROUP, tcp.PORT)) == errno.ECONNREFUSED


def answered(client: Host, service: Service) -> bool:
    """Does an answer that comes from the group get to the client's program?"""
    asking = client.open()
    asking.sendto(b"?", (GROUP, PORT))
    question = service.receive()
    info = packet_info(question.destination, question.ifindex)
    service.sock.sendmsg([b"!"], info, 0, (question.source, question.port))
    return readable(asking, LIMIT) and receive(asking).source == GROUP


@pytest.mark.usefixtures("implementation")
def test_clients_stateful_firewall(server: Host, client: Host) -> None:
    """An answer from the group is one to what was asked; the kernel's to a ping is from elsewhere.

    A sysctl lets that come from the group, too.
    """
    service, echo = Service(server), Echo(client)
    server.member(GROUP)
    assert echo.answerer(GROUP) == server.address
    chain(client, "input", *STATEFUL, policy="drop")
    assert answered(client, service)
    echo.send(GROUP)
    assert echo.answerer(server.address) == server.address
    server.namespace.sysctl("ipv6/anycast_src_echo_reply", "1")
    assert echo.answerer(GROUP) == GROUP
    server.namespace.sysctl("ipv6/anycast_src_echo_reply", "0")


@pytest.mark.usefixtures("implementation")
def test_servers_stateful_firewall(server: Host, client: Host) -> None:
    """Questions by one port get in, what belongs to them, too; the server's table says so."""
    service, echo = Service(server), Echo(client)
    server.member(GROUP)
    assert echo.answerer(GROUP)
    chain(server, "input", *STATEFUL, f"udp dport {PORT} ct state new accept", policy="drop")
    chain(server, "output", "ct state invalid drop")
    assert answered(client, service)
    echo.send(GROUP)
    assert echo.reply(limit=1.0) is None
    assert f"dst={written_out(GROUP)}" in server.namespace.proc("nf_conntrack").decode("ascii")


def written_out(address: str) -> str:
    """As the table of connections has it."""
    digits = socket.inet_pton(socket.AF_INET6, address).hex()
    return ":".join(re.findall("....", digits))


def translate(host: Host, hook: str, rule: str) -> None:
    chain(host, hook, rule, kind="nat")


def test_group_for_a_service_that_knows_nothing_of_it(cable: Cable) -> None:
    """Its clients speak to the group, before, during and after the takeover."""
    switch_to(BUILTIN_C)
    server, client = cable.hosts
    translate(
        server, "prerouting", f"ip6 daddr {GROUP} tcp dport {tcp.PORT} dnat to {server.address}"
    )
    member = server.member(GROUP)
    listening = listener(server, server.address)
    connections = []
    for implementation in BUILTIN_C, MODULE, BUILTIN_C:
        switch_to(implementation)
        connections.append(connect(client, listening, GROUP))
        for connection in connections:
            connection.carries()
    assert connections[0].near.getpeername()[0] == GROUP
    assert connections[0].far.getsockname()[0] == server.address
    for connection in connections:
        connection.close()
    member.close()


def bound(host: Host, kind: int) -> socket.socket:
    """To the group; C must be asked to let it, and has no TCP there."""
    sock = host.open(kind)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    sock.bind((GROUP, PORT if kind == socket.SOCK_DGRAM else tcp.PORT))
    sock.settimeout(LIMIT)
    return sock


@pytest.mark.usefixtures("implementation")
def test_own_address_for_a_service_of_a_group(server: Host, client: Host) -> None:
    """The other way round: the group's service is asked by the server's own address."""
    rule = f"ip6 daddr {server.address} udp dport {PORT} dnat to {GROUP}"
    translate(server, "prerouting", rule)
    server.member(GROUP)
    service, asking = bound(server, socket.SOCK_DGRAM), client.open()
    asking.sendto(b"?", (server.address, PORT))
    assert receive(service).payload == b"?"
    service.sendto(b"!", (client.address, asking.getsockname()[1]))
    assert receive(asking)[:3] == (b"!", server.address, PORT)


@pytest.mark.usefixtures("implementation")
def test_group_as_the_source_of_connections(server: Host, client: Host) -> None:
    """What the server asks comes from the group, and the answers find back."""
    rule = f"ip6 daddr {client.address} tcp dport {tcp.PORT} snat to {GROUP}"
    translate(server, "postrouting", rule)
    server.member(GROUP)
    listening = listener(client, client.address)
    connection = connect(server, listening, client.address)
    connection.carries()
    assert connection.far.getpeername()[0] == GROUP
    connection.close()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_connection_to_the_service_of_a_group(server: Host, client: Host) -> None:
    rule = f"ip6 daddr {server.address} tcp dport {tcp.PORT} dnat to {GROUP}"
    translate(server, "prerouting", rule)
    server.member(GROUP)
    connection = connect(client, listener(server, GROUP), server.address)
    connection.carries()
    assert connection.far.getsockname()[0] == GROUP
    connection.close()
