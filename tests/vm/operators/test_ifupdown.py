# SPDX-License-Identifier: GPL-2.0
"""ifupdown takes the device of a group down and up again (B1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.defect import Defect
from harness.process.manager import forgotten
from harness.topology.lan import GROUP, Cable
from harness.views.observer import ABSENT, BLACK_HOLE, LISTED, PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.outage import Outage

# Seconds; a machine is slow, and ifup waits for duplicate address detection.
OUTAGE = 20.0
INTERFACES = """
iface {device} inet6 static
    address {address}/64
    dad-attempts 0
"""


class Ifupdown:
    def __init__(self, cable: Cable, directory: Path) -> None:
        self._cable = cable
        server, file = cable.server, directory / "interfaces"
        text = INTERFACES.format(device=server.device, address=server.address)
        file.write_text(text, encoding="ascii")
        self._options = (f"--interfaces={file}", f"--state-dir={directory}", server.device)

    def down(self) -> None:
        self._cable.server.namespace.run("ifdown", "--force", *self._options)

    def up(self) -> None:
        self._cable.server.namespace.run("ifup", "--force", *self._options)
        eventually("the cable works", self._cable.works)


@pytest.fixture
def ifupdown(cable: Cable, tmp_path: Path) -> Iterator[Ifupdown]:
    """It has set the server up."""
    ifupdown = Ifupdown(cable, tmp_path)
    cable.server.namespace.ip("address", "flush", "dev", cable.server.device)
    ifupdown.up()
    yield ifupdown
    forgotten(cable.server)


def test_down_and_up(defect: Defect, cable: Cable, ifupdown: Ifupdown, observer: Observer) -> None:
    """The program keeps its group; clients do without for as long as the device is down."""
    sock = cable.server.member(GROUP)
    observer.serves(GROUP)
    outage = Outage(cable.client, GROUP)
    ifupdown.down()
    defect.becomes(lambda: observer.state(GROUP), ABSENT, LISTED)
    ifupdown.up()
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    longest = outage.longest()
    if not defect.shown:
        assert longest < OUTAGE
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)
