# SPDX-License-Identifier: GPL-2.0
"""B1: a device goes away for a while, and built-in C leaves its groups listed, but dead."""

from typing import NamedTuple

import pytest

from harness.defect import Defect
from harness.topology.host import Host
from harness.topology.lan import GROUP, Cable
from harness.topology.loss import LOSSES
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, BLACK_HOLE, LISTED, PUBLISHED, Observer, State


class InC(NamedTuple):
    """What built-in C makes of a group while the device is away, and afterwards."""

    away: State
    back: State


IN_C = {
    "down": InC(LISTED, BLACK_HOLE),
    "disable_ipv6": InC(LISTED, BLACK_HOLE),
    "mtu": InC(ABSENT, ABSENT),
}


@pytest.mark.smoke("module-down")
@pytest.mark.parametrize("name", LOSSES)
def test_group_returns_with_its_device(
    defect: Defect, server: Host, cable: Cable, observer: Observer, name: str
) -> None:
    """Its loss and its return are notified, each once, and it is what it was before."""
    taken, in_c = LOSSES[name], IN_C[name]
    monitor = Monitor(server)
    sock = server.member(GROUP)
    observer.serves(GROUP)
    taken.lose(cable)
    defect.becomes(lambda: observer.state(GROUP), ABSENT, in_c.away)
    taken.restore(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, in_c.back)
    events = [RTM_NEWANYCAST]
    defect.check(monitor.events(GROUP), [*events, RTM_DELANYCAST, RTM_NEWANYCAST], events)
    if not defect.shown:
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)
