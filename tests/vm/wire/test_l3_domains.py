# SPDX-License-Identifier: GPL-2.0
"""Groups in VRFs mean something to the sockets of their VRF, as unicast addresses do."""

import socket
from collections.abc import Iterator

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import result
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND, Cable
from harness.topology.second import GLOBAL, LENGTH, Second, second_device
from harness.wire.tcp import ACCEPTED, SILENCE, Knock

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

KINDS = pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
RED, BLUE = loss.VRF, loss.OTHER_VRF
PORT = 8080
LIMIT = 20.0


@pytest.fixture(autouse=True)
def other(server: Host) -> Iterator[Second]:
    """A second device. There are two VRFs, too, which let go of their devices at the end."""
    for name, table in loss.VRFS.items():
        loss.add_vrf(server, name, table)
    with second_device(server) as device:
        yield device
    server.shut()
    for name in loss.VRFS:
        loss.delete_vrf(server, name)
    server.restore_addresses()


def accept_all(server: Host, value: int) -> None:
    for protocol in "tcp", "udp":
        server.namespace.sysctl(f"ipv4/{protocol}_l3mdev_accept", str(value))


def enslave_second(server: Host, device: Second, vrf: str) -> None:
    master = server.namespace.index_of(vrf)
    server.namespace.rtnl.link("set", index=device.ifindex, master=master)
    server.namespace.add_address(device.name, GLOBAL, LENGTH, replace=True)
    server.await_use(server.address)


def bound(host: Host, kind: int, device: str) -> socket.socket:
    sock = host.open(kind)
    if device:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    sock.settimeout(LIMIT)
    return sock


@KINDS
@pytest.mark.parametrize("accept", [0, 1])
def test_bind_as_to_a_unicast_address(cable: Cable, other: Second, kind: int, accept: int) -> None:
    """Of the same device, wherever that is, and whatever the socket is bound to."""
    server = cable.server
    accept_all(server, accept)
    server.member(GROUP)
    answers = []
    for where in "", RED, BLUE:
        if where:
            loss.enslave(cable, where)
        for device in "", RED, BLUE, server.device, other.name:
            unicast, group = (
                result(lambda a=address, d=device: bound(server, kind, d).bind((a, 0)))
                for address in (server.address, GROUP)
            )
            assert group == unicast, (where, device)
            answers.append(group)
    assert {answers.count(answer) for answer in ("OK", "EADDRNOTAVAIL")} == {7, 8}
    loss.release(cable)


def serve(server: Host, kind: int, vrf: str, ifindex: int) -> socket.socket:
    sock = bound(server, kind, vrf)
    anycast.join(sock, GROUP, ifindex)
    sock.bind((GROUP, PORT))
    if kind == socket.SOCK_STREAM:
        sock.listen()
    return sock


@KINDS
def test_one_group_in_two_vrfs(cable: Cable, other: Second, kind: int) -> None:
    """Each has a server of its own, and the clients of each get to it."""
    server = cable.server
    loss.enslave(cable, RED)
    enslave_second(server, other, BLUE)
    servers = {
        RED: serve(server, kind, RED, IFINDEX),
        BLUE: serve(server, kind, BLUE, other.ifindex),
    }
    for vrf, serving in servers.items():
        near = bound(server, kind, vrf)
        near.connect((GROUP, PORT))
        near.send(vrf.encode())
        far = server.adopt(serving.accept()[0]) if kind == socket.SOCK_STREAM else serving
        far.settimeout(LIMIT)
        assert far.recv(64) == vrf.encode()
    servers[RED].close()
    again = bound(server, socket.SOCK_DGRAM, RED)
    assert result(lambda: again.bind((GROUP, PORT))) == "EADDRNOTAVAIL"
    servers[BLUE].close()


@pytest.mark.parametrize("accept", [0, 1])
def test_listener_of_no_device(cable: Cable, other: Second, accept: int) -> None:
    """It is reached from VRFs if the setting says so, by groups that it has joined there."""
    server = cable.server
    accept_all(server, accept)
    server.proxy_delay(0)
    loss.enslave(cable, RED)
    server.member(GROUP, SECOND)
    listening = server.open(socket.SOCK_STREAM)
    anycast.join(listening, GROUP, IFINDEX)
    anycast.join(listening, SECOND, other.ifindex)
    listening.bind(("::", PORT))
    listening.listen()
    knock = Knock(cable)
    unicast = knock.answer(server.address)
    assert (unicast == ACCEPTED) == bool(accept)
    assert knock.answer(GROUP) == (ACCEPTED if accept else SILENCE)
    assert knock.answer(SECOND) == SILENCE
    loss.release(cable)
    server.proxy_delay(0)
    knock = Knock(cable)
    assert knock.answer(server.address) == ACCEPTED
    assert [knock.answer(group) for group in (GROUP, SECOND)] == [ACCEPTED, ACCEPTED]


def test_listener_of_a_device(cable: Cable, other: Second) -> None:
    """A group is reached where a unicast address is: by a listener of the VRF, or of its port."""
    server = cable.server
    server.proxy_delay(0)
    loss.enslave(cable, RED)
    enslave_second(server, other, BLUE)
    knock = Knock(cable)
    reached = []
    for device in "", RED, BLUE, server.device, other.name:
        listening = bound(server, socket.SOCK_STREAM, device)
        anycast.join(listening, GROUP, IFINDEX)
        listening.bind(("::", PORT))
        listening.listen()
        unicast, group = (knock.answer(address) for address in (server.address, GROUP))
        assert (group == ACCEPTED) == (unicast == ACCEPTED), device
        reached += [device] if group == ACCEPTED else []
        listening.close()
    assert reached == [RED, server.device]
    loss.release(cable)
