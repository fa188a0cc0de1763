# SPDX-License-Identifier: GPL-2.0
"""What flags and the hardware address of a device do to the memberships of its groups."""

from collections.abc import Iterator

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import SECOND, Cable
from harness.views.observer import PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.ndisc import Peer

# Both ask the same solicited-node group, which is that of no address of the host.
GROUP, SHARING = SECOND, f"fe80::{SECOND.rsplit(':', 1)[1]}"
OTHER_MAC = "02:00:00:00:00:99"


def link(host: Host, *words: str) -> None:
    host.namespace.run("ip", "link", "set", host.device, *words)


def arp(host: Host, *, enabled: bool) -> None:
    link(host, "arp", "on" if enabled else "off")


def users(host: Host, address: str = GROUP) -> int:
    return host.solicited_node_users(address)


@pytest.fixture
def quiet(cable: Cable) -> Iterator[Host]:
    """A server without unicast addresses, for whose memberships the kernel does not care.

    It joins the groups of all of them anew with each `arp on`.
    """
    server = cable.server
    server.forwarding(True)
    server.namespace.ip("addr", "flush", "dev", server.device)
    eventually("nobody listens", lambda: users(server, server.address) == 0)
    yield server
    server.shut()
    server.restore_addresses()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_joined_while_off(quiet: Host, observer: Observer) -> None:
    """Nobody is to be heard then; with `arp on` the group is heard of, without a flap."""
    arp(quiet, enabled=False)
    sock = quiet.member(GROUP)
    assert users(quiet) == 0
    arp(quiet, enabled=True)
    assert users(quiet) == 1
    quiet.restore_addresses()
    observer.becomes(PUBLISHED, GROUP)
    sock.close()
    assert users(quiet) == 0


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_left_while_off(quiet: Host) -> None:
    """What was taken is given back, though nobody is to be heard any more."""
    sock = quiet.member(GROUP)
    assert users(quiet) == 1
    arp(quiet, enabled=False)
    sock.close()
    assert users(quiet) == 0
    arp(quiet, enabled=True)
    assert users(quiet) == 0


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("back", [False, True], ids=["off", "on again"])
def test_not_taken_not_given_back(quiet: Host, *, back: bool) -> None:
    """One was joined before, one while off: the end of either leaves the other what it has."""
    before = quiet.member(GROUP)
    arp(quiet, enabled=False)
    meanwhile = quiet.member(SHARING)
    assert users(quiet) == 1
    if back:
        arp(quiet, enabled=True)
        assert users(quiet) == 2
    meanwhile.close()
    assert users(quiet) == 1
    before.close()
    assert users(quiet) == 0
    arp(quiet, enabled=True)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_goes_down_while_off(quiet: Host, observer: Observer) -> None:
    """The group is dormant and returns; each time it takes and gives back what is right then."""
    sock = quiet.member(GROUP)
    for enabled in False, True:
        arp(quiet, enabled=enabled)
        loss.set_link(quiet, state="down")
        assert users(quiet) == 0
        loss.set_link(quiet, state="up")
        assert users(quiet) == int(enabled)
    quiet.restore_addresses()
    observer.becomes(PUBLISHED, GROUP)
    sock.close()
    assert users(quiet) == 0


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_flags_and_hardware_address(quiet: Host, peer: Peer) -> None:
    """None costs the group its membership, and it is answered for by the address of the day."""
    arp(quiet, enabled=False)
    sock = quiet.member(GROUP)
    arp(quiet, enabled=True)
    quiet.restore_addresses()
    for words in (
        ("allmulticast", "on"),
        ("promisc", "on"),
        ("address", OTHER_MAC),
        ("promisc", "off"),
        ("allmulticast", "off"),
        ("address", quiet.mac),
    ):
        link(quiet, *words)
        assert users(quiet) == 1, words
        answer = peer.first_answer(peer.ask(GROUP, multicast=True), GROUP)
        shown = quiet.namespace.ip("link", "show", quiet.device)
        mac = OTHER_MAC if OTHER_MAC in shown else quiet.mac
        assert (answer.mac, answer.link_layer) == (mac, mac), words
    sock.close()
    assert users(quiet) == 0


def test_deaf_group_of_c_is_mended_at_takeover(quiet: Host, observer: Observer) -> None:
    """C has not taken what the module is to give back; an address of the host's keeps its own."""
    switch_to(BUILTIN_C)
    arp(quiet, enabled=False)
    deaf = quiet.member(GROUP)
    arp(quiet, enabled=True)
    heard = quiet.member(SHARING)
    assert users(quiet) == 1
    switch_to(MODULE)
    eventually("both are heard", lambda: users(quiet) == 2)
    quiet.restore_addresses()
    observer.becomes(PUBLISHED, GROUP, SHARING)
    deaf.close()
    assert users(quiet) == 1
    observer.becomes(PUBLISHED, SHARING)
    heard.close()
    assert users(quiet) == 0


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
def test_given_back_by_c(quiet: Host, *, enabled: bool) -> None:
    """C leaves by the flag of the moment; what it has from the module is right by that."""
    switch_to(MODULE)
    arp(quiet, enabled=enabled)
    sock = quiet.member(GROUP)
    assert users(quiet) == int(enabled)
    switch_to(BUILTIN_C)
    sock.close()
    assert users(quiet) == 0
    arp(quiet, enabled=True)
