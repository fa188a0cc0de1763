# SPDX-License-Identifier: GPL-2.0
"""The in-kernel API, called by a module in C with include/anycast6.h or without, or in Rust."""

from collections.abc import Iterator

import pytest

from harness.kernel import caller
from harness.kernel.caller import ANY_DEVICE, Caller
from harness.kernel.implementation import ANYCAST6, MODULE, attempt, live, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, SECOND
from harness.views.members import members
from harness.wire.ndisc import Peer


@pytest.fixture(autouse=True)
def module() -> None:
    switch_to(MODULE)


@pytest.fixture(params=caller.NAMES)
def server_caller(server: Host, request: pytest.FixtureRequest) -> Iterator[Caller]:
    with caller.loaded(request.param):
        yield Caller(server, request.param)


def holders(host: Host) -> list[str]:
    return [hold.holder for hold in members(host.namespace)]


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


@pytest.mark.smoke
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


def test_dec_of_nothing(server_caller: Caller) -> None:
    assert anycast.result(lambda: server_caller.dec(GROUP)) == "ENOENT"


def test_who_it_is(server: Host, server_caller: Caller) -> None:
    """Whether it says so, by the header, or is just called by where it is returned to."""
    server_caller.inc(GROUP)
    server_caller.inc(GROUP)
    assert holders(server) == [f"module {server_caller.module}"] * 2
    server_caller.dec(GROUP)
    server_caller.dec(GROUP)
    assert holders(server) == []


@pytest.mark.parametrize("ways", [("", "bare_"), ("bare_", "")])
def test_either_way_it_is_the_same_holder(server: Host, ways: tuple[str, str]) -> None:
    """By the header's macro, and by the function behind it."""
    with caller.loaded():
        kernel = Caller(server)
        kernel.inc(GROUP, ways[0])
        assert holders(server) == [f"module {kernel.module}"]
        kernel.dec(GROUP, ways[1])
        server.assert_nothing_left()


def test_nobody_gives_back_what_is_anothers(server: Host) -> None:
    with caller.loaded(), caller.loaded(caller.BY_PROTOTYPES), caller.loaded(caller.IN_RUST):
        callers = [Caller(server, name) for name in caller.NAMES]
        for mine in callers:
            mine.inc(GROUP)
            for other in callers:
                expected = "OK" if other is mine else "ENOENT"
                assert anycast.result(lambda other=other: other.dec(GROUP)) == expected
                if other is mine:
                    mine.inc(GROUP)
            assert holders(server) == [f"module {mine.module}"]
            mine.dec(GROUP)
    server.assert_nothing_left()


@pytest.mark.parametrize("ways", [("last_", ""), ("", "last_"), ("last_", "last_")])
def test_call_at_the_end_of_a_function(server: Host, ways: tuple[str, str]) -> None:
    """It may return to the kernel itself; each hold is given back all the same."""
    with caller.loaded(caller.BY_PROTOTYPES):
        kernel = Caller(server, caller.BY_PROTOTYPES)
        for taken in 1, 2:
            kernel.inc(GROUP, ways[0])
            assert server.groups() == [Group(server.device, GROUP, taken)]
        told, untold = f"module {kernel.module}", "module vmlinux"
        assert set(holders(server)) <= ({told, untold} if ways[0] else {told})
        for left in 1, 0:
            kernel.dec(GROUP, ways[1])
            assert sum(group.users for group in server.groups()) == left
        assert anycast.result(lambda: kernel.dec(GROUP, ways[1])) == "ENOENT"
    server.assert_nothing_left()


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
    client_caller = Caller(client, server_caller.module)
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
    client_caller = Caller(client, server_caller.module)
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
    assert server_caller.module in refused.stderr
    assert live() == MODULE
    refused = caller.remove("anycast6")
    assert refused.returncode != 0
    assert f"is in use by: {server_caller.module}" in refused.stderr
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
