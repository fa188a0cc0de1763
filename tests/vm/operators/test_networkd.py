# SPDX-License-Identifier: GPL-2.0
"""systemd-networkd on a server with a group: it removes routes of others, but not the kernel's.

A group's route would be restored at once (B6), so what counts is that it never went.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.process.networkd import configure, configured, files, networkd
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX
from harness.views.export import Story
from harness.views.netlink import RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.outage import Outage

pytestmark = pytest.mark.usefixtures("implementation")

OTHER_ADDRESS, FOREIGN = f"{PREFIX}51", "2001:db8:77::/64"
OUTAGE = 5.0


@pytest.fixture
def managed(server: Host, tmp_path: Path) -> Iterator[Host]:
    with files(server, tmp_path):
        yield server


def has_foreign(server: Host) -> bool:
    """A route of another program."""
    return FOREIGN in server.namespace.ip("route", "show", "table", "77")


def add_foreign(server: Host) -> None:
    words = f"route add {FOREIGN} dev {server.device} table 77 proto 99".split()
    server.namespace.ip(*words)


def test_starts(managed: Host, client: Host, observer: Observer) -> None:
    """It finds a group, and a route of somebody else's, which goes."""
    monitor, story, sock = Monitor(managed), Story(managed), managed.member(GROUP)
    observer.serves(GROUP)
    outage = Outage(client, GROUP)
    for _ in range(2):
        add_foreign(managed)
        with networkd(managed):
            eventually("the foreign route is gone", lambda: not has_foreign(managed))
            observer.becomes(PUBLISHED, GROUP)
    assert outage.longest() < OUTAGE
    assert monitor.events(GROUP) == [RTM_NEWANYCAST]
    assert "-route" not in story.of(GROUP)
    observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)


def test_reconfigures(managed: Host, client: Host, observer: Observer) -> None:
    """The server's address becomes another one; its group does not mind."""
    with networkd(managed) as process:
        monitor, story, sock = Monitor(managed), Story(managed), managed.member(GROUP)
        observer.serves(GROUP)
        outage = Outage(client, GROUP)
        for address in OTHER_ADDRESS, managed.address:
            configure(managed, address)
            for words in ["reload"], ["reconfigure", managed.device]:
                managed.namespace.run("networkctl", *words)
            eventually("the address is in use", lambda a=address: has_address(managed, a))
            configured(managed, process)
            observer.becomes(PUBLISHED, GROUP)
        assert outage.longest() < OUTAGE
        assert monitor.events(GROUP) == [RTM_NEWANYCAST]
        assert "-route" not in story.of(GROUP)
        observer.serves(GROUP)
        sock.close()
        observer.becomes(ABSENT, GROUP)


def has_address(host: Host, address: str) -> bool:
    return f" {address}/" in host.namespace.ip("address", "show", "dev", host.device)
