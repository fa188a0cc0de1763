# SPDX-License-Identifier: GPL-2.0
"""The random delay of an answer to a multicast solicitation (RFC 4861, 7.2.7)."""

import time

import pytest

from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, Cable
from harness.wire.ndisc import Advertisement, Peer, parse

pytestmark = pytest.mark.usefixtures("implementation")

DEFAULT_BOUND = 0.8
# Time an emulated machine may need on top of the delay.
SLACK = 2.0
QUESTIONS = 8
SPREAD = 0.1


@pytest.fixture
def hasty_peer(cable: Cable) -> Peer:
    """A peer of a server that keeps the default proxy_delay."""
    return Peer(cable.client, cable.server)


def test_default_delay_is_random_below_its_bound(server: Host, hasty_peer: Peer) -> None:
    """Eight independent delays within 100 ms would come by chance once in 300 000 runs."""
    server.member(GROUP)
    question = hasty_peer.ask(GROUP, multicast=True)
    began = time.monotonic()
    for _ in range(QUESTIONS):
        hasty_peer.send(question)
    sent = time.monotonic()
    times = arrivals(hasty_peer)
    assert len(times) == QUESTIONS
    assert times[-1] - began < DEFAULT_BOUND + SLACK
    # After the same delay the answers would come as close to each other as the questions.
    assert times[-1] - times[0] > sent - began + SPREAD


@pytest.mark.parametrize("target", [GROUP, PREFIX], ids=["group", "subnet-router"])
def test_answer_within_a_second(server: Host, hasty_peer: Peer, target: str) -> None:
    """MAX_ANYCAST_DELAY_TIME; v6LC.2.1.14 of the IPv6 Ready Logo.

    An emulated machine may stand still for a moment, but not each time.
    """
    server.forwarding(True)
    server.member(GROUP)
    delays = [delay(hasty_peer, target) for _ in range(QUESTIONS // 2)]
    assert sorted(delays)[-2] <= 1.0, delays


def delay(peer: Peer, target: str) -> float:
    sent = time.monotonic()
    answer = peer.first_answer(peer.ask(target, multicast=True), target)
    assert (answer.override, answer.source) == (False, peer.server.address)
    return time.monotonic() - sent


def arrivals(peer: Peer) -> list[float]:
    times: list[float] = []

    def complete(advertisement: Advertisement) -> bool:
        times.append(time.monotonic())
        return len(times) == QUESTIONS

    peer.wire.collect(parse, complete)
    return times


def test_unicast_solicitation_is_not_delayed(server: Host, hasty_peer: Peer) -> None:
    """All answers are here before the answer to a question for a unicast address behind."""
    server.member(GROUP)
    question = hasty_peer.ask(GROUP, multicast=False)
    for _ in range(QUESTIONS):
        assert len(hasty_peer.answers(question, GROUP)) == 1


def test_no_delay_when_proxy_delay_is_zero(server: Host, peer: Peer) -> None:
    server.member(GROUP)
    question = peer.ask(GROUP, multicast=True)
    for _ in range(QUESTIONS):
        assert len(peer.answers(question, GROUP)) == 1
