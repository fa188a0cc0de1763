# SPDX-License-Identifier: GPL-2.0
"""What home agents do not answer, and what the module home_agent does not take."""

import time

import pytest
from scapy.layers.inet6 import ICMPv6HAADRequest
from scapy.packet import Raw

from harness.kernel.home_agent import (
    ANYCAST,
    AWAY_ADDRESS,
    AWAY_ANYCAST,
    IDENTIFIER,
    OTHERS,
    REPLY,
    TYPE_OFFSET,
    HomeAgent,
    MobileNode,
    expected,
    held,
    identifier,
)
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX
from harness.wait import eventually
from harness.wire.ndisc import ALL_NODES, UNSPECIFIED, icmp

# ---- what is not answered ----


@pytest.mark.parametrize("destination", [f"{PREFIX}1", GROUP, ALL_NODES, "fe80::1"])
@pytest.mark.usefixtures("serving")
def test_other_destinations(server: Host, node: MobileNode, destination: str) -> None:
    """Nor is this agent asked by another anycast address that the host answers for."""
    server.member(GROUP)
    assert node.replies(node.request(destination)) == []


@pytest.mark.parametrize("source", [UNSPECIFIED, ALL_NODES, "ff0e::5", "::ffff:192.0.2.1"])
@pytest.mark.usefixtures("serving")
def test_sources_that_are_not_unicast(node: MobileNode, source: str) -> None:
    """Nor do such requests count: fifty of them keep nobody else from being answered."""
    frame = Raw(bytes(node.request(source=source)))
    assert node.replies(*[frame] * 50) == []


@pytest.mark.parametrize(
    "message",
    [bytes([144, 0, 0, 0, 0x55, 0x55, 0, 0])[:length] for length in range(4, 8)]
    + [bytes([144, 1, 0, 0, 0x55, 0x55, 0, 0])]
    + [bytes([kind, 0, 0, 0, 0x55, 0x55, 0, 0]) for kind in (145, 146, 200)],
    ids=["4", "5", "6", "7", "code 1", "a reply", "another request", "unknown"],
)
@pytest.mark.usefixtures("serving")
def test_other_messages(node: MobileNode, message: bytes) -> None:
    assert node.replies(icmp(node.header(), message)) == []


@pytest.mark.usefixtures("serving")
def test_wrong_checksum(node: MobileNode) -> None:
    request = node.request()
    request[ICMPv6HAADRequest].cksum = 0x1234
    assert node.replies(request) == []


@pytest.mark.usefixtures("serving")
def test_not_more_than_fifty_a_second(node: MobileNode) -> None:
    """Requests with invented sources are not turned into as many replies."""
    burst = [node.request() for _ in range(300)]
    identifiers = {identifier(request) for request in burst}
    frames = [bytes(request) for request in burst]
    replies: list[int] = []

    def answers_others() -> bool:
        """Has it dealt with the burst?"""
        node.send(node.request())
        replies.extend(
            int.from_bytes(frame[IDENTIFIER])
            for frame in node.wire.incoming(0.1)
            if len(frame) > TYPE_OFFSET and frame[TYPE_OFFSET] == REPLY
        )
        return not identifiers.issuperset(replies)

    begin = time.monotonic()
    for frame in frames:
        node.wire.send(frame)
    eventually("other requests are answered", answers_others)
    seconds = int(time.monotonic() - begin) + 1
    assert 50 <= len(identifiers.intersection(replies)) <= 50 * (seconds + 1)


def test_own_address_lost(
    server: Host, client: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """A reply comes from the home agent's own address, or not at all."""
    serving.serve(AWAY_ADDRESS, device=home_link)
    local = client.link_local  # there is no route to other addresses without the prefix
    server.namespace.delete_address(server.device, server.address)
    unanswered, last = node.request(source=local), node.request(AWAY_ANYCAST, local)
    assert node.replies(unanswered, last=last) == []
    server.namespace.add_address(server.device, server.address)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))


# ---- refusals ----


@pytest.mark.parametrize(
    ("agents", "result"),
    [
        ((), "EINVAL"),
        (("",), "EINVAL"),
        (("2001:db8:1::x",), "EINVAL"),
        ((f"{PREFIX}1/64",), "EINVAL"),
        (("fe80::1",), "EINVAL"),
        (("::1",), "EINVAL"),
        ((f"{PREFIX}1", AWAY_ADDRESS), "EINVAL"),
        (OTHERS, "EADDRNOTAVAIL"),
        (("ff0e::1",), "EADDRNOTAVAIL"),
    ],
)
def test_refused(server: Host, agent: HomeAgent, agents: tuple[str, ...], result: str) -> None:
    assert anycast.result(lambda: agent.serve(*agents)) == result
    server.assert_nothing_left()


def test_refused_for_the_device(server: Host, serving: HomeAgent, home_link: str) -> None:
    assert anycast.result(lambda: serving.serve(server.address)) == "EEXIST"
    assert anycast.result(lambda: serving.serve(server.address, device="none")) == "ENODEV"
    elsewhere = anycast.result(lambda: serving.serve(server.address, device=home_link))
    assert elsewhere == "EADDRNOTAVAIL"
    assert anycast.result(lambda: serving.stop("none")) == "ENODEV"
    assert anycast.result(lambda: serving.stop(home_link)) == "ENOENT"
    assert held(server) == {ANYCAST: 1}
    serving.stop()
    assert anycast.result(serving.stop) == "ENOENT"
