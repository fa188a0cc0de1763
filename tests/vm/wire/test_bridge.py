# SPDX-License-Identifier: GPL-2.0
"""Two members of a group on one link, the case that anycast is for."""

import pytest

from harness.topology.lan import GROUP, Bridged
from harness.wire.ndisc import Peer, parse
from harness.wire.packets import Echo

pytestmark = pytest.mark.usefixtures("implementation")


def test_both_members_answer(bridged: Bridged) -> None:
    """Each with override clear, so that the client may keep whom it heard first."""
    for server in bridged.servers:
        server.proxy_delay(0)
        server.member(GROUP)
    peer = Peer(bridged.client, bridged.servers[0])
    peer.send(peer.ask(GROUP, multicast=True))
    answers = []
    peer.wire.collect(parse, lambda answer: answers.append(answer) or len(answers) == 2)
    assert {answer.mac for answer in answers} == {server.mac for server in bridged.servers}
    assert [answer.override for answer in answers] == [False, False]


def test_one_member_takes_over_from_the_other(bridged: Bridged) -> None:
    """Groups are the hosts' own: the end of one member does not touch the other."""
    first, second = bridged.servers
    members = [server.member(GROUP) for server in bridged.servers]
    for server in bridged.servers:
        server.proxy_delay(0)
    members[0].close()
    echo = Echo(bridged.client)
    assert echo.answerer(GROUP) == second.address
    assert (first.groups(), len(second.groups())) == ([], 1)
    members[1].close()
    first.member(GROUP)
    bridged.client.forget_neighbour(GROUP)
    assert echo.answerer(GROUP) == first.address
