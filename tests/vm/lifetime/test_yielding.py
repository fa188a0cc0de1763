# SPDX-License-Identifier: GPL-2.0
"""A group makes way for a unicast address of its device, and comes back when that has gone.

It does so at once when the administrator adds the address and nobody holds the group with
privilege, and whoever holds it when the address comes by router advertisement.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address

import pytest
from pyroute2 import NetlinkError
from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6NDOptPrefixInfo, IPv6
from scapy.layers.l2 import Ether

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.privilege import NOBODY, as_nobody
from harness.process.waiting import rtnl_held
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX, SECOND, Cable
from harness.views import settings
from harness.views.members import DORMANT, PUBLISHED, YIELDING, by_socket, members
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, Observer
from harness.views.stat import moved, stat
from harness.wait import eventually, settled
from harness.wire.frames import Wire
from harness.wire.ndisc import Peer
from harness.wire.packets import Echo
from harness.wire.tcp import connect, listener

OPTIMISTIC = 0x04
TENTATIVE = 0x40
ROUNDS, MANY = 20, 4000
# What the server makes of PREFIX and its hardware address.
ADVERTISED = PREFIX + "ff:fe00:1"
ADVERTISED_LINK_LOCAL = "fe80::ff:fe00:1"


def answer(host: Host, address: str, *, dad: bool = False, length: int = 64) -> str:
    """What the kernel answers to a new unicast address, which then is there."""

    def add() -> None:
        try:
            host.namespace.add_address(host.device, address, length, dad=dad)
        except NetlinkError as error:
            raise OSError(error.code, str(error)) from error

    return anycast.result(add)


def nobodys(server: Host, *addresses: str) -> socket.socket:
    """A socket by which a user without privilege has joined."""
    settings.admission(server.namespace, settings.ON_LINK)
    sock = server.open()
    for address in addresses:
        assert as_nobody(server, lambda a=address: anycast.join(sock, a, IFINDEX)) == "OK"
    return sock


def states(host: Host) -> dict[str, str]:
    return {hold.address: hold.state for hold in members(host.namespace)}


def becomes(host: Host, address: str, state: str) -> None:
    assert settled(lambda: states(host).get(address), state) == state


def is_unicast(server: Host, client: Host, address: str) -> None:
    """The address is the host's own in all respects: who is bound to it serves it."""
    assert address not in [group.address for group in server.groups()]
    listening = listener(server, address)
    connection = connect(client, listening, address)
    connection.carries()
    assert connection.served_from == address
    connection.close()
    listening.close()
    assert Echo(client).answerer(address) == address


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestAdministrator:
    """`ip addr add` of an address that a user without privilege holds as a group."""

    @pytest.mark.parametrize("dad", [False, True], ids=["nodad", "dad"])
    def test_numbers_the_host(
        self, server: Host, client: Host, observer: Observer, dad: bool
    ) -> None:
        sock = nobodys(server, GROUP)
        observer.serves(GROUP)
        monitor, before = Monitor(server), stat(server.namespace)
        for name in "accept_dad", "dad_transmits":
            server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", "1")

        assert answer(server, GROUP, dad=dad) == "OK"
        # Not soon: at the moment that there is the address.
        assert server.groups() == []
        assert monitor.events(GROUP) == [RTM_DELANYCAST]
        assert moved(before, stat(server.namespace)) == {"dormant": 1, "yielded": 1}
        (hold,) = members(server.namespace)
        assert hold[2:4] == (GROUP, YIELDING)
        assert hold.holder.startswith(by_socket(sock, NOBODY).rpartition(" ")[0])
        server.await_use(GROUP)
        eventually("the address is not tentative", lambda: not is_tentative(server, GROUP))
        is_unicast(server, client, GROUP)

        server.namespace.delete_address(server.device, GROUP)
        becomes(server, GROUP, PUBLISHED)
        observer.serves(GROUP)
        assert monitor.events(GROUP) == [RTM_DELANYCAST, RTM_NEWANYCAST]
        sock.close()
        observer.becomes(ABSENT, GROUP)

    def test_nobody_answers_for_it_meanwhile(self, server: Host, peer: Peer) -> None:
        """A solicitation is answered once, by the owner: with the override flag."""
        nobodys(server, GROUP)
        (by_group,) = peer.answers(peer.ask(GROUP, multicast=True), GROUP)
        assert not by_group.override
        assert answer(server, GROUP) == "OK"
        server.await_use(GROUP)
        (by_owner,) = peer.answers(peer.ask(GROUP, multicast=True), GROUP)
        assert by_owner.override
        server.namespace.delete_address(server.device, GROUP)

    @pytest.mark.parametrize("length", [48, 64, 112, 120, 127, 128])
    def test_whatever_the_prefix(self, server: Host, client: Host, length: int) -> None:
        nobodys(server, GROUP)
        assert answer(server, GROUP, length=length) == "OK"
        server.await_use(GROUP)
        is_unicast(server, client, GROUP)
        server.namespace.delete_address(server.device, GROUP, length)
        becomes(server, GROUP, PUBLISHED)

    def test_well_known_address(self, server: Host, client: Host) -> None:
        """The default policy is no obstacle either."""
        address = PREFIX.removesuffix(":") + "0:fdff:ffff:ffff:ff80"
        sock = server.open()
        assert as_nobody(server, lambda: anycast.join(sock, address, IFINDEX)) == "OK"
        assert answer(server, address) == "OK"
        server.await_use(address)
        is_unicast(server, client, address)
        server.namespace.delete_address(server.device, address)
        becomes(server, address, PUBLISHED)

    def test_yields_to_nobody_else(self, server: Host, observer: Observer) -> None:
        """Other groups stay, and other addresses and devices are no reason."""
        nobodys(server, GROUP, SECOND)
        server.namespace.add_dummy("other")
        server.namespace.add_address("other", GROUP, 128)
        assert answer(server, SECOND) == "OK"
        becomes(server, SECOND, YIELDING)
        assert states(server)[GROUP] == PUBLISHED
        server.namespace.delete_device("other")
        observer.serves(GROUP)
        server.namespace.delete_address(server.device, SECOND)
        becomes(server, SECOND, PUBLISHED)

    def test_privileged_holder_is_asked(self, server: Host) -> None:
        """For as long as there is one, be it beside others."""
        nobodys(server, GROUP)
        privileged = server.member(GROUP)
        assert answer(server, GROUP) == "EADDRINUSE"
        assert server.groups() == [Group(server.device, GROUP, 2)]
        privileged.close()
        assert answer(server, GROUP) == "OK"
        assert server.groups() == []
        assert anycast.result(lambda: server.member(GROUP)) == "EINVAL"
        server.namespace.delete_address(server.device, GROUP)
        becomes(server, GROUP, PUBLISHED)
        assert server.groups() == [Group(server.device, GROUP, 1)]

    def test_leave_while_yielding(self, server: Host, client: Host) -> None:
        """It takes nothing from the address."""
        sock = nobodys(server, GROUP, GROUP)
        assert answer(server, GROUP) == "OK"
        server.await_use(GROUP)
        anycast.leave(sock, GROUP, IFINDEX)
        assert states(server) == {GROUP: YIELDING}
        sock.close()
        assert states(server) == {}
        is_unicast(server, client, GROUP)
        server.namespace.delete_address(server.device, GROUP)
        assert server.groups() == []

    def test_device_goes_down_and_up(self, cable: Cable, server: Host) -> None:
        """The address goes with the link, and the group returns without it."""
        nobodys(server, GROUP)
        assert answer(server, GROUP) == "OK"
        loss.down(cable)
        becomes(server, GROUP, DORMANT)
        loss.up(cable)
        becomes(server, GROUP, PUBLISHED)

    def test_address_that_outlasts_a_flap(self, cable: Cable, server: Host, client: Host) -> None:
        server.namespace.sysctl(f"ipv6/conf/{server.device}/keep_addr_on_down", "1")
        nobodys(server, GROUP)
        assert answer(server, GROUP) == "OK"
        loss.down(cable)
        becomes(server, GROUP, YIELDING)
        loss.up(cable)
        server.await_use(GROUP)
        becomes(server, GROUP, YIELDING)
        is_unicast(server, client, GROUP)
        server.namespace.delete_address(server.device, GROUP)
        becomes(server, GROUP, PUBLISHED)

    def test_router_with_the_first_address(self, server: Host, client: Host) -> None:
        """Addrconf and a program hold that group; addrconf alone keeps it beside the address."""
        server.forwarding(True)
        sock = nobodys(server, PREFIX)
        assert Group(server.device, PREFIX, 2) in server.groups()
        assert answer(server, PREFIX) == "OK"
        assert PREFIX not in [group.address for group in server.groups()]
        server.await_use(PREFIX)
        is_unicast(server, client, PREFIX)
        sock.close()
        becomes(server, PREFIX, PUBLISHED)
        assert {hold.holder for hold in members(server.namespace) if hold.address == PREFIX} == {
            "addrconf 2"
        }
        assert anycast.result(lambda: server.member(PREFIX)) == "EINVAL"
        assert Echo(client).answerer(PREFIX)
        server.namespace.delete_address(server.device, PREFIX)
        becomes(server, PREFIX, PUBLISHED)

    def test_kernel_caller_is_refused(self, server: Host) -> None:
        """As a socket is: the address is the host's own."""
        assert answer(server, GROUP) == "OK"
        with caller.loaded():
            assert anycast.result(lambda: Caller(server).inc(GROUP)) == "EINVAL"
        server.namespace.delete_address(server.device, GROUP)
        assert server.groups() == []

    def test_address_that_is_there_already(self, server: Host) -> None:
        """That fails after the host has been asked, and hinders nobody."""
        nobodys(server, GROUP)
        assert answer(server, GROUP) == "OK"
        assert answer(server, GROUP) == "EEXIST"
        server.namespace.delete_address(server.device, GROUP)
        server.member(GROUP)
        becomes(server, GROUP, PUBLISHED)


def flags(host: Host, address: str) -> int | None:
    """Those of a unicast address of the host's device, None if it has none."""
    wanted = [IPv6Address(address).packed.hex(), host.device]
    for line in host.namespace.proc("if_inet6").decode("ascii").splitlines():
        digits, _, _, _, flags, device = line.split()
        if [digits, device] == wanted:
            return int(flags, 16)
    return None


def is_tentative(host: Host, address: str) -> bool:
    found = flags(host, address)
    assert found is not None, f"{address} is not there"
    return bool(found & TENTATIVE)


def is_in_use(host: Host, address: str) -> bool:
    """Whether the address is there and no longer tentative."""
    found = flags(host, address)
    return found is not None and not found & TENTATIVE


class TestTakeover:
    """C lists what is held, and leaves the packets to the address."""

    def test_there_and_back(self, server: Host, client: Host, observer: Observer) -> None:
        switch_to(MODULE)
        sock = nobodys(server, GROUP)
        assert answer(server, GROUP) == "OK"
        server.await_use(GROUP)
        switch_to(BUILTIN_C)
        assert server.groups() == [Group(server.device, GROUP, 1)]
        listening = listener(server, GROUP)
        connect(client, listening, GROUP).carries()
        listening.close()
        switch_to(MODULE)
        assert states(server) == {GROUP: YIELDING}
        is_unicast(server, client, GROUP)
        server.namespace.delete_address(server.device, GROUP)
        becomes(server, GROUP, PUBLISHED)
        observer.serves(GROUP)
        sock.close()
        observer.becomes(ABSENT, GROUP)

    def test_tentative_address_gets_its_route_from_c(self, server: Host, client: Host) -> None:
        """A group's would have kept it away for good."""
        switch_to(MODULE)
        device = server.device
        for name, value in ("accept_dad", "1"), ("dad_transmits", "12"):
            server.namespace.sysctl(f"ipv6/conf/{device}/{name}", value)
        sock = nobodys(server, GROUP)
        assert answer(server, GROUP, dad=True) == "OK"
        switch_to(BUILTIN_C)
        assert is_tentative(server, GROUP), "the check has ended too early to show anything"
        eventually("the address is in use", lambda: not is_tentative(server, GROUP), 40.0)
        server.namespace.await_rtnl()
        listening = listener(server, GROUP)
        connect(client, listening, GROUP).carries()
        listening.close()
        sock.close()
        assert server.groups() == []
        server.namespace.delete_address(device, GROUP)

    def test_both_in_c(self, server: Host, client: Host, observer: Observer) -> None:
        """B7: to C, packets for the address are the group's; the module gives them back."""
        switch_to(BUILTIN_C)
        sock = server.member(GROUP)
        assert answer(server, GROUP) == "OK"
        server.await_use(GROUP)
        switch_to(MODULE)
        becomes(server, GROUP, YIELDING)
        is_unicast(server, client, GROUP)
        server.namespace.delete_address(server.device, GROUP)
        becomes(server, GROUP, PUBLISHED)
        observer.serves(GROUP)
        sock.close()


@contextmanager
def listening_to_routers(server: Host, **settings: str) -> Iterator[None]:
    """The server makes addresses of advertised prefixes and its hardware address."""
    wanted = {"addr_gen_mode": "0", "accept_ra": "1", "autoconf": "1"} | settings
    for name, value in wanted.items():
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", value)
    yield
    for name, value in {"addr_gen_mode": "1", "accept_ra": "0"}.items():
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", value)
    for address in addresses(server):
        if address in (ADVERTISED, ADVERTISED_LINK_LOCAL):
            server.namespace.delete_address(server.device, address)


def addresses(server: Host) -> list[str]:
    found = server.namespace.rtnl.get_addr(index=server.ifindex, family=socket.AF_INET6)
    return [message.get_attr("IFA_ADDRESS") for message in found]


def has_route(host: Host, address: str) -> bool:
    """Whether packets to the host's own address are delivered."""
    return address in host.namespace.ip("route", "show", "table", "local", "type", "local", address)


def advertise(client: Host) -> None:
    """As a router that gives out the prefix."""
    prefix = ICMPv6NDOptPrefixInfo(prefix=PREFIX, prefixlen=64, L=1, A=1)
    frame = Ether(src=client.mac, dst="33:33:00:00:00:01")
    packet = IPv6(src=client.link_local, dst="ff02::1", hlim=255)
    Wire(client).send(bytes(frame / packet / ICMPv6ND_RA(routerlifetime=0) / prefix))


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestRouterAdvertisement:
    """The kernel asks nobody about these addresses, so the group yields, whoever holds it."""

    @pytest.mark.parametrize(
        "settings",
        [
            {"accept_dad": "0"},
            {"accept_dad": "1", "dad_transmits": "1"},
            {"accept_dad": "1", "dad_transmits": "1", "optimistic_dad": "1"},
        ],
        ids=["no-dad", "dad", "optimistic"],
    )
    @pytest.mark.parametrize("privileged", [True, False], ids=["root", "nobody"])
    def test_yields(
        self,
        server: Host,
        client: Host,
        observer: Observer,
        settings: dict[str, str],
        privileged: bool,
    ) -> None:
        sock = server.member(ADVERTISED) if privileged else nobodys(server, ADVERTISED)
        observer.serves(ADVERTISED)
        before = stat(server.namespace)
        with listening_to_routers(server, **settings):
            advertise(client)
            becomes(server, ADVERTISED, YIELDING)
            counted = moved(before, stat(server.namespace))
            assert counted == {"dormant": 1, "yielded": 1}
            eventually("the address is in use", lambda: not is_tentative(server, ADVERTISED))
            server.namespace.await_rtnl()
            is_unicast(server, client, ADVERTISED)
        becomes(server, ADVERTISED, PUBLISHED)
        observer.serves(ADVERTISED)
        sock.close()
        # The server's own address has the same solicited-node group.
        observer.becomes(ABSENT._replace(listening=True), ADVERTISED)

    def test_later_join_is_refused(self, server: Host, client: Host) -> None:
        with listening_to_routers(server, accept_dad="0"):
            advertise(client)
            eventually("there is the address", lambda: ADVERTISED in addresses(server))
            assert anycast.result(lambda: server.member(ADVERTISED)) == "EINVAL"
        assert server.groups() == []

    @pytest.mark.ordinary_kernel  # the debug kernel has no userfaultfd
    def test_last_holder_gives_back_its_place(self, server: Host, client: Host) -> None:
        """Another group may have it at once, though this one can only be forgotten under RTNL."""
        settings.max_groups(server.namespace, 1)
        sock = server.member(ADVERTISED)
        with listening_to_routers(server, accept_dad="0"):
            with rtnl_held(server):
                advertise(client)
                eventually("there is the address", lambda: flags(server, ADVERTISED) is not None)
                anycast.leave(sock, ADVERTISED, IFINDEX)
                anycast.join(sock, SECOND, IFINDEX)
                assert anycast.result(lambda: anycast.join(sock, GROUP, IFINDEX)) == "ENOBUFS"
            eventually("the address is in use", lambda: is_in_use(server, ADVERTISED))
            is_unicast(server, client, ADVERTISED)
        assert server.groups() == [Group(server.device, SECOND, 1)]

    def test_last_holder_leaves_meanwhile(self, server: Host, client: Host) -> None:
        """The group's route was in the way of the address's own; it is not left without one.

        The module comes to this group last, after many others of the device.
        """
        sock = server.member(ADVERTISED)
        others = server.member(*(f"{PREFIX}{number:x}" for number in range(0x1000, 0x1000 + MANY)))
        with listening_to_routers(server, accept_dad="0"):
            for _ in range(ROUNDS):
                advertise(client)
                eventually("addrconf is done", lambda: is_in_use(server, ADVERTISED), step=0)
                sock.close()
                eventually("the address has a route", lambda: has_route(server, ADVERTISED))
                server.namespace.delete_address(server.device, ADVERTISED)
                sock = server.member(ADVERTISED)
            sock.close()
            advertise(client)
            eventually("addrconf is done", lambda: is_in_use(server, ADVERTISED))
            is_unicast(server, client, ADVERTISED)
        others.close()
