# SPDX-License-Identifier: GPL-2.0
"""Switching to and fro, with traffic; test_takeover_load has more of everything."""

from collections.abc import Callable

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.stress.span import Span
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, SECOND
from harness.wire.traffic import Traffic

ROUNDS = 20


def test_rounds_under_traffic(server: Host, client: Host, many: Callable[[int], int]) -> None:
    """No question is lost, and after each switch all is as it was before the first."""
    rounds = many(ROUNDS)
    switch_to(BUILTIN_C)
    server.proxy_delay(0)
    server.forwarding(True)
    server.member(SECOND, SECOND)
    span = Span()
    traffic = Traffic(server, client, span)
    traffic.datagrams(GROUP)
    span.begin()
    published = server.publication()
    assert anycast.parse(published.listing) == [
        Group(server.device, GROUP, 1),
        Group(server.device, SECOND, 2),
        Group(server.device, "fe80::", 1),
        Group(server.device, PREFIX, 1),
    ]
    for _ in range(rounds):
        for implementation in MODULE, BUILTIN_C:
            switch_to(implementation)
            assert server.publication() == published
    span.end()
    asked, lost = traffic.done()
    assert lost.total() == 0
    assert asked["datagrams"] > rounds
