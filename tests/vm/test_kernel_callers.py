# SPDX-License-Identifier: GPL-2.0
"""The in-kernel API of include/anycast6.h, called by a module written in C."""

from collections.abc import Iterator

import pytest

from net import anycast, caller
from net.anycast import Group
from net.caller import ANY_DEVICE, Caller
from net.host import Host
from net.implementation import ANYCAST6, MODULE, attempt, live, switch_to
from net.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, SECOND
from net.ndisc import Peer


@pytest.fixture(autouse=True)
def module() -> None:
    switch_to(MODULE)


@pytest.fixture
def server_caller(server: Host) -> Iterator[Caller]:
    with caller.loaded():
        yield Caller(server)


def test_first_inc_adds_last_dec_removes(server: Host, server_caller: Caller) -> None:
    server_caller.inc(GROUP)
    once = server.publication()
    assert once.listing.endswith(b" 1\n")
    assert [route.destination for route in once.routes] == ["20010db800010000000000000000000a"]
    server_caller.inc(GROUP)
    twice = server.publication()
    assert twice.listing.endswith(b" 2\n")
    assert (twice.routes, twice.multicast) == (once.routes, once.multicast)
    server_caller.dec(GROUP)
    assert server.publication() == once
    server_caller.dec(GROUP)
    server.assert_nothing_left()


def test_group_is_answered_for(server_caller: Caller, peer: Peer) -> None:
    question = peer.ask(GROUP, multicast=True)
    assert peer.answers(question, GROUP) == []
    server_caller.inc(GROUP)
    assert len(peer.answers(question, GROUP)) == 1
    server_caller.dec(GROUP)
    assert peer.answers(question, GROUP) == []


def test_callers_and_sockets_count_together(server: Host, server_caller: Caller) -> None:
    sock = server.member(GROUP)
    server_caller.inc(GROUP)
    assert server.groups() == [Group(server.device, GROUP, 2)]
    sock.close()
    assert server.groups() == [Group(server.device, GROUP, 1)]
    sock = server.member(GROUP)
    server_caller.dec(GROUP)
    assert server.groups() == [Group(server.device, GROUP, 1)]
    sock.close()
    server.assert_nothing_left()


def test_any_address_will_do(server: Host, server_caller: Caller) -> None:
    """The choice is the caller's; nothing is asked about prefixes."""
    server_caller.inc(OFF_PREFIX)
    assert server.groups() == [Group(server.device, OFF_PREFIX, 1)]
    server_caller.dec(OFF_PREFIX)


@pytest.mark.usefixtures("server_caller")
def test_dec_of_nothing(server: Host) -> None:
    assert anycast.result(lambda: Caller(server).dec(GROUP)) == "ENOENT"


def test_device_without_ipv6(server: Host, server_caller: Caller) -> None:
    """An MTU below the minimum of IPv6 takes IPv6 away from a device, and its groups with it."""
    rtnl, index = server.namespace.rtnl, server.ifindex
    server_caller.inc(GROUP)
    rtnl.link("set", index=index, mtu=1279)
    assert server.groups() == []
    assert anycast.result(lambda: server_caller.inc(SECOND)) == "ENODEV"
    assert anycast.result(lambda: server_caller.dec(GROUP)) == "OK"
    rtnl.link("set", index=index, mtu=1500)
    server.configure()
    assert server.groups() == []
    assert anycast.result(lambda: server_caller.dec(GROUP)) == "ENOENT"


def test_group_returns_with_ipv6(server: Host, server_caller: Caller) -> None:
    """A caller need not know that the device was without IPv6 for a while."""
    rtnl, index = server.namespace.rtnl, server.ifindex
    server_caller.inc(GROUP)
    rtnl.link("set", index=index, mtu=1279)
    assert not server_caller.holds(GROUP)
    rtnl.link("set", index=index, mtu=1500)
    server.configure()
    assert server.groups() == [Group(server.device, GROUP, 1)]
    assert server_caller.holds(GROUP)
    server_caller.dec(GROUP)


def test_check_of_one_device_and_of_all(server: Host, client: Host, server_caller: Caller) -> None:
    client_caller = Caller(client)
    server.member(GROUP, LINK_LOCAL_GROUP)
    for address in GROUP, LINK_LOCAL_GROUP:
        assert server_caller.holds(address)
        assert server_caller.holds(address, ANY_DEVICE)
        assert not server_caller.holds(address, "lo")
        assert not client_caller.holds(address)
        assert not client_caller.holds(address, ANY_DEVICE)
    for address in SECOND, server.address:
        assert not server_caller.holds(address)
        assert not server_caller.holds(address, ANY_DEVICE)


def test_same_group_in_two_namespaces(server: Host, client: Host, server_caller: Caller) -> None:
    client_caller = Caller(client)
    on_server, on_client = server.member(GROUP), client.member(GROUP)
    assert server_caller.holds(GROUP, ANY_DEVICE)
    assert client_caller.holds(GROUP, ANY_DEVICE)
    on_server.close()
    assert not server_caller.holds(GROUP, ANY_DEVICE)
    assert client_caller.holds(GROUP, ANY_DEVICE)
    on_client.close()


def test_caller_keeps_anycast6(server: Host, server_caller: Caller) -> None:
    """Neither the script nor rmmod takes away what a loaded module links against."""
    server_caller.inc(GROUP)
    refused = attempt("unload")
    assert refused.returncode != 0
    assert "anycast6_caller" in refused.stderr
    assert live() == MODULE
    refused = caller.remove("anycast6")
    assert refused.returncode != 0
    assert "is in use by: anycast6_caller" in refused.stderr
    server_caller.dec(GROUP)
    server.assert_nothing_left()


def test_caller_goes_on_after_the_hand_back(server: Host, server_caller: Caller) -> None:
    """With the livepatch disabled C serves sockets, and the caller's groups are the same ones."""
    server_caller.inc(GROUP)
    sock = server.member(GROUP)
    ANYCAST6.disable()
    assert server.groups() == [Group(server.device, GROUP, 2)]
    sock.close()
    assert server.groups() == [Group(server.device, GROUP, 1)]
    server_caller.inc(SECOND)
    server_caller.dec(GROUP)
    assert server.groups() == [Group(server.device, SECOND, 1)]
    server_caller.dec(SECOND)
    server.assert_nothing_left()
    assert caller.remove("anycast6").returncode != 0


@pytest.fixture(autouse=True)
def nothing_half_loaded(module: None) -> Iterator[None]:
    """A module whose livepatch a scenario has disabled can only go."""
    yield
    if not ANYCAST6.directory.exists():
        ANYCAST6.remove()


def test_memberships_of_a_caller_across_unload_and_load(server: Host) -> None:
    with caller.loaded(leave_held=True):
        Caller(server).inc(GROUP)
    published = server.publication()
    switch_to("builtin-c")
    assert server.publication() == published
    switch_to(MODULE)
    assert server.publication() == published
    with caller.loaded():
        Caller(server).dec(GROUP)
    server.assert_nothing_left()
