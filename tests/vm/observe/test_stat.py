# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6_stat counts what happens to groups, and nothing that happens to packets."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import IPv6Address

import pytest

from harness.kernel import caller
from harness.sockopt.steps import Subject
from harness.topology.host import Host
from harness.topology.lan import GROUP, SECOND
from harness.views import settings
from harness.views.stat import LATER, NAMES, moved, stat
from harness.wire.fence import Fence
from harness.wire.ndisc import parse, solicitation
from harness.wire.packets import Echo, Service
from stat_rows import ROWS, Row

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

PACKETS = 100
PORT = 4243


def test_names_and_order(server: Host) -> None:
    """They are ABI."""
    text = server.namespace.proc("anycast6_stat").decode("ascii")
    assert text == "".join(f"{name} 0\n" for name in NAMES)


def test_every_counter_has_a_row() -> None:
    """All but walks (test_index), refused_other, as no scenario can bring about its reasons, and
    those of test_handover and test_heartbeat."""
    counted = {name for row in ROWS for name in row.moves}
    assert counted == set(NAMES) - {"refused_other", "walks"} - LATER


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(server: Host, client: Host, stack: ExitStack, row: Row) -> None:
    if row.caller:
        stack.enter_context(caller.loaded())
    subject = Subject(server, server.open())
    elsewhere = stat(client.namespace)
    for step in row.first:
        step(subject)
    before = stat(server.namespace)
    for step in row.steps:
        step(subject)
    assert moved(before, stat(server.namespace)) == row.moves
    assert moved(elsewhere, stat(client.namespace)) == {}
    restore(server)


def restore(server: Host) -> None:
    """What rows may have taken from the device, so that the end of the scenario can be checked."""
    server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", "0")
    server.configure()


def test_new_namespace_begins_at_zero(server: Host, client: Host) -> None:
    server.member(GROUP)
    assert stat(server.namespace)["joins"] == 1
    assert set(stat(client.namespace).values()) == {0}


def test_echoes_and_datagrams_are_not_counted(server: Host, client: Host) -> None:
    settings.handover(server.namespace, wanted=False)
    server.member(GROUP)
    service, echo, sock = Service(server), Echo(client), client.open()
    before = server.namespace.proc("anycast6_stat")
    for number in range(PACKETS):
        echo.send(GROUP)
        sock.sendto(b"%d" % number, (GROUP, Service.PORT))
    assert {echo.reply().number for _ in range(PACKETS)} == set(range(1, PACKETS + 1))
    assert [int(service.receive().payload) for _ in range(PACKETS)] == list(range(PACKETS))
    assert server.namespace.proc("anycast6_stat") == before


@pytest.mark.usefixtures("peer")
def test_solicitations_are_not_counted(server: Host, client: Host) -> None:
    """Neither those of a group nor those of an address that is none."""
    settings.handover(server.namespace, wanted=False)
    server.member(GROUP)
    held, absent = (
        bytes(solicitation(client, server, address, multicast=True)) for address in (GROUP, SECOND)
    )
    before = server.namespace.proc("anycast6_stat")
    with Fence(client, server) as fence:
        for _ in range(PACKETS):
            fence.send(held)
            fence.send(absent)
        frames = fence.answers() or []
    targets = [advertisement.target for frame in frames if (advertisement := parse(frame))]
    assert set(targets) == {str(IPv6Address(GROUP))}
    assert server.namespace.proc("anycast6_stat") == before


def test_connections_that_nobody_takes_are_not_counted(server: Host, client: Host) -> None:
    """SYNs to a group, no listener of which has joined, come to nothing."""
    settings.handover(server.namespace, wanted=False)
    server.member(GROUP)
    listener = server.open(socket.SOCK_STREAM)
    listener.bind(("::", PORT))
    listener.listen()
    echo = Echo(client)
    assert echo.answerer(GROUP)
    before = server.namespace.proc("anycast6_stat")
    for _ in range(10):
        sock = client.open(socket.SOCK_STREAM)
        sock.setblocking(False)
        assert sock.connect_ex((GROUP, PORT)) == errno.EINPROGRESS
    # The answer comes when the SYNs are done with.
    assert echo.answerer(GROUP)
    assert server.namespace.proc("anycast6_stat") == before
