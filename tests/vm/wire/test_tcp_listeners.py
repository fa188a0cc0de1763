# SPDX-License-Identifier: GPL-2.0
"""Which listeners are reached by way of a group: those bound to it and those that joined it.

All others say nothing: no RST, no ICMPv6 error. Built-in C serves none. That the SYNs arrive and
the listener lives is shown by the same SYN to the unicast address.
"""

import socket
from pathlib import Path

import pytest

from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.sockopt.anycast import result
from harness.sockopt.options import IPV6_FREEBIND, IPV6_UNICAST_IF
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, SECOND, Cable
from harness.topology.loss import LOSSES
from harness.topology.second import Second
from harness.wire.tcp import ACCEPTED, PORT, RESET, SILENCE, Knock, connect, listener

IPV4 = {"server": "192.0.2.1", "client": "192.0.2.2"}


@pytest.fixture
def served(implementation: str) -> str:
    """How the SYN to a listener of the group is answered."""
    return ACCEPTED if implementation == MODULE else SILENCE


@pytest.fixture
def knock(cable: Cable) -> Knock:
    cable.server.proxy_delay(0)
    return Knock(cable)


@pytest.fixture
def mptcp() -> None:
    if not Path("/proc/sys/net/mptcp").exists():
        pytest.skip("this kernel has no MPTCP")


def reached(knock: Knock, address: str, expected: str) -> None:
    """So is the group answered, and the unicast address by a SYN-ACK, before and after."""
    server = knock.cable.server
    unicast = server.link_local if address.startswith("fe80:") else server.address
    assert knock.answer(unicast) == ACCEPTED
    assert knock.answer(address) == expected
    assert knock.answer(unicast) == ACCEPTED


@pytest.mark.usefixtures("implementation")
def test_wildcard_listener_is_unreachable(server: Host, knock: Knock) -> None:
    listener(server)
    server.member(GROUP)
    reached(knock, GROUP, SILENCE)


@pytest.mark.usefixtures("implementation")
def test_unicast_listener_is_unreachable(server: Host, knock: Knock) -> None:
    listener(server, server.address)
    server.member(GROUP)
    reached(knock, GROUP, SILENCE)


@pytest.mark.usefixtures("implementation")
def test_closed_port_says_nothing(server: Host, knock: Knock) -> None:
    server.member(GROUP)
    assert knock.answer(server.address) == RESET
    assert knock.answer(GROUP) == SILENCE
    assert knock.answer(server.address) == RESET


def test_bound_listener(implementation: str, server: Host, client: Host, knock: Knock) -> None:
    """It is reached by the group, and by nothing else."""
    server.member(GROUP, SECOND)
    if implementation != MODULE:
        assert result(lambda: listener(server, GROUP)) == "EADDRNOTAVAIL"
        return
    listening = listener(server, GROUP)
    assert knock.answer(GROUP) == ACCEPTED
    assert knock.answer(SECOND) == SILENCE
    assert knock.answer(server.address) == RESET
    connection = connect(client, listening, GROUP)
    connection.carries()
    assert connection.served_from == GROUP


def test_listener_bound_with_freebind(server: Host, served: str, knock: Knock) -> None:
    """It may be bound before anybody holds the group, and is reached for as long as one does."""
    sock = server.open(socket.SOCK_STREAM)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    sock.bind((GROUP, PORT))
    sock.listen()
    assert knock.answer(GROUP) == SILENCE
    member = server.member(GROUP)
    assert knock.answer(GROUP) == served
    member.close()
    assert knock.answer(GROUP) == SILENCE


def test_joined_listener(server: Host, client: Host, served: str, knock: Knock) -> None:
    """It is reached by that group alone, whoever holds other ones."""
    listening = listener(server)
    anycast.join(listening, GROUP, IFINDEX)
    server.member(SECOND)
    reached(knock, GROUP, served)
    reached(knock, SECOND, SILENCE)
    if served == ACCEPTED:
        connection = connect(client, listening, GROUP)
        connection.carries()
        assert connection.served_from == GROUP


def test_socket_that_joined_before_it_listens(server: Host, served: str, knock: Knock) -> None:
    sock = server.open(socket.SOCK_STREAM)
    anycast.join(sock, GROUP, IFINDEX)
    sock.bind(("::", PORT))
    assert knock.answer(GROUP) == SILENCE
    sock.listen()
    reached(knock, GROUP, served)


def test_another_socket_of_the_process_does_not_count(
    server: Host, served: str, knock: Knock
) -> None:
    """A membership is the listener's own affair."""
    listening = listener(server)
    datagrams = server.member(GROUP)
    reached(knock, GROUP, SILENCE)
    anycast.join(listening, GROUP, IFINDEX)
    reached(knock, GROUP, served)
    datagrams.close()
    reached(knock, GROUP, served)


@pytest.mark.smoke("module")
def test_listener_that_left(server: Host, served: str, knock: Knock) -> None:
    """The group stays, for another one holds it; the listener joins again."""
    listening = listener(server)
    server.member(GROUP)
    for _ in range(2):
        anycast.join(listening, GROUP, IFINDEX)
        reached(knock, GROUP, served)
        anycast.leave(listening, GROUP, IFINDEX)
        reached(knock, GROUP, SILENCE)


def test_listener_that_joined_twice(server: Host, served: str, knock: Knock) -> None:
    listening = listener(server)
    server.member(GROUP)
    anycast.join(listening, GROUP, IFINDEX)
    anycast.join(listening, GROUP, IFINDEX)
    anycast.leave(listening, GROUP, IFINDEX)
    reached(knock, GROUP, served)
    anycast.leave(listening, GROUP, IFINDEX)
    reached(knock, GROUP, SILENCE)


def test_listener_with_a_membership_on_another_device(
    server: Host, other: Second, served: str, knock: Knock
) -> None:
    """A global address is one on all devices: either membership serves."""
    listening = listener(server)
    server.member(GROUP)
    anycast.join(listening, GROUP, other.ifindex)
    reached(knock, GROUP, served)
    anycast.join(listening, GROUP, IFINDEX)
    anycast.leave(listening, GROUP, other.ifindex)
    reached(knock, GROUP, served)
    anycast.leave(listening, GROUP, IFINDEX)
    reached(knock, GROUP, SILENCE)


@pytest.mark.parametrize("way", ["bound", "sending"])
@pytest.mark.parametrize("where", ["the device of the SYN", "another device"])
def test_listener_of_one_device(
    server: Host, other: Second, served: str, knock: Knock, way: str, where: str
) -> None:
    """SO_BINDTODEVICE keeps SYNs of other devices away, IPV6_UNICAST_IF does not; so by groups."""
    name, index = (server.device, IFINDEX) if where == "the device of the SYN" else other
    listening = server.open(socket.SOCK_STREAM)
    if way == "bound":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
    else:
        listening.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_IF, index.to_bytes(4))
    anycast.join(listening, GROUP, IFINDEX)
    anycast.join(listening, SECOND, other.ifindex)
    anycast.join(listening, LINK_LOCAL_GROUP, IFINDEX)
    server.member(SECOND)
    listening.bind(("::", PORT))
    listening.listen()
    reachable = way == "sending" or index == IFINDEX
    for own in server.address, server.link_local:
        assert knock.answer(own) == (ACCEPTED if reachable else RESET)
    for group in GROUP, SECOND, LINK_LOCAL_GROUP:
        assert knock.answer(group) == (served if reachable else SILENCE)


def test_listener_whose_device_is_deleted(
    server: Host, other: Second, served: str, knock: Knock
) -> None:
    """Its membership is one of no device any more: another one's holding does not revive it."""
    listening = listener(server)
    server.member(GROUP)
    anycast.join(listening, GROUP, other.ifindex)
    reached(knock, GROUP, served)
    server.namespace.rtnl.link("del", index=other.ifindex)
    assert server.groups() == [anycast.Group(server.device, GROUP, 1)]
    reached(knock, GROUP, SILENCE)


def test_joined_listener_on_a_link_local_group(
    server: Host, client: Host, served: str, knock: Knock
) -> None:
    listening = listener(server)
    server.member(LINK_LOCAL_GROUP)
    reached(knock, LINK_LOCAL_GROUP, SILENCE)
    anycast.join(listening, LINK_LOCAL_GROUP, IFINDEX)
    reached(knock, LINK_LOCAL_GROUP, served)
    if served == ACCEPTED:
        connection = connect(client, listening, LINK_LOCAL_GROUP, client.ifindex)
        connection.carries()
        assert connection.served_from == LINK_LOCAL_GROUP
    anycast.leave(listening, LINK_LOCAL_GROUP, IFINDEX)
    reached(knock, LINK_LOCAL_GROUP, SILENCE)


def test_link_local_group_of_two_devices(
    server: Host, other: Second, served: str, knock: Knock
) -> None:
    """What the listener joined on one device is another group than that of the other device."""
    listening = listener(server)
    server.member(LINK_LOCAL_GROUP)
    anycast.join(listening, LINK_LOCAL_GROUP, IFINDEX)
    reached(knock, LINK_LOCAL_GROUP, served)
    anycast.leave(listening, LINK_LOCAL_GROUP, IFINDEX)
    anycast.join(listening, LINK_LOCAL_GROUP, other.ifindex)
    reached(knock, LINK_LOCAL_GROUP, SILENCE)


def test_listener_bound_to_a_link_local_group(
    implementation: str, server: Host, client: Host, knock: Knock
) -> None:
    server.member(LINK_LOCAL_GROUP)
    if implementation != MODULE:
        assert result(lambda: listener(server, LINK_LOCAL_GROUP, scope=IFINDEX)) == "EADDRNOTAVAIL"
        return
    listening = listener(server, LINK_LOCAL_GROUP, scope=IFINDEX)
    assert knock.answer(LINK_LOCAL_GROUP) == ACCEPTED
    connection = connect(client, listening, LINK_LOCAL_GROUP, client.ifindex)
    connection.carries()
    assert connection.served_from == LINK_LOCAL_GROUP


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("name", LOSSES)
def test_listener_whose_group_is_lost_and_returns(cable: Cable, name: str) -> None:
    """Bound or joined, the same listener serves again."""
    server, loss = cable.server, LOSSES[name]
    server.proxy_delay(0)
    anycast.join(listener(server), GROUP, IFINDEX)
    bound = server.open(socket.SOCK_STREAM)
    anycast.join(bound, SECOND, IFINDEX)
    bound.bind((SECOND, PORT + 1))
    bound.listen()
    loss.lose(cable)
    loss.restore(cable)
    knock = Knock(cable)
    reached(knock, GROUP, ACCEPTED)
    reached(knock, SECOND, SILENCE)
    assert knock.answer(SECOND, PORT + 1) == ACCEPTED


@pytest.mark.usefixtures("implementation", "mptcp")
def test_mptcp_listener_as_in_c(server: Host, knock: Knock) -> None:
    """Neither bound nor reached; membership is nothing that an MPTCP socket has."""
    server.member(GROUP)
    assert result(lambda: listener(server, GROUP, proto=socket.IPPROTO_MPTCP)) == "EADDRNOTAVAIL"
    listener(server, proto=socket.IPPROTO_MPTCP)
    reached(knock, GROUP, SILENCE)


@pytest.mark.usefixtures("implementation", "mptcp")
def test_mptcp_listener_bound_with_freebind_as_in_c(server: Host, knock: Knock) -> None:
    server.member(GROUP)
    sock = server.open(socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    sock.bind((GROUP, PORT))
    sock.listen()
    assert knock.answer(GROUP) == SILENCE


@pytest.mark.usefixtures("implementation")
def test_ipv4_clients_are_none_of_its_business(cable: Cable, knock: Knock) -> None:
    """A listener that joined, and one that did not, serve IPv4 as ever."""
    for host in cable.hosts:
        host.namespace.rtnl.addr("add", index=host.ifindex, address=IPV4[host.name], prefixlen=24)
    listening = listener(cable.server)
    for _ in range(2):
        near = cable.client.open(socket.SOCK_STREAM, family=socket.AF_INET)
        near.settimeout(20)
        near.connect((IPV4["server"], PORT))
        far = cable.server.adopt(listening.accept()[0])
        assert far.getsockname()[0] == "::ffff:" + IPV4["server"]
        disguised = connect(cable.client, listening, "::ffff:" + IPV4["server"])
        disguised.carries()
        anycast.join(listening, GROUP, IFINDEX)
