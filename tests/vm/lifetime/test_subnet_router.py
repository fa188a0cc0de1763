# SPDX-License-Identifier: GPL-2.0
"""net.ipv6.anycast6.subnet_router: whether a router answers for its subnet-router anycasts."""

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import PREFIX, Cable
from harness.views import members, settings
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.views.stat import stat
from harness.wait import eventually
from harness.wire.packets import Echo

FURTHER, FURTHER_PREFIX = "2001:db8:7::77", "2001:db8:7::"
LINK_LOCAL = "fe80::"


@pytest.fixture
def router(server: Host) -> Host:
    server.forwarding(True)
    return server


def states(host: Host, address: str) -> set[str]:
    return {hold.state for hold in members.members(host.namespace) if hold.address == address}


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestOff:
    @pytest.mark.smoke
    def test_off_and_on(self, router: Host, observer: Observer) -> None:
        """The router answers for none of its prefixes, the link-local one included; and again."""
        observer.serves(PREFIX)
        monitor = Monitor(router)
        before = stat(router.namespace)
        settings.subnet_router(router.namespace, wanted=False)
        observer.becomes(ABSENT, PREFIX)
        assert router.groups() == []
        assert states(router, PREFIX) == states(router, LINK_LOCAL) == {members.OFF}
        assert stat(router.namespace)["dormant"] == before["dormant"] + 2
        settings.subnet_router(router.namespace, wanted=True)
        observer.serves(PREFIX)
        assert states(router, PREFIX) == {members.PUBLISHED}
        assert monitor.events(PREFIX) == [RTM_DELANYCAST, RTM_NEWANYCAST]

    def test_later_addresses_and_routers(self, server: Host, observer: Observer) -> None:
        """What becomes a subnet-router anycast afterwards does not appear, either."""
        settings.subnet_router(server.namespace, wanted=False)
        server.forwarding(True)
        server.namespace.add_address(server.device, FURTHER)
        eventually("held", lambda: states(server, FURTHER_PREFIX) == {members.OFF})
        observer.becomes(ABSENT, PREFIX, FURTHER_PREFIX)
        server.namespace.delete_address(server.device, FURTHER)
        assert states(server, FURTHER_PREFIX) == set()
        server.forwarding(False)
        assert members.members(server.namespace) == []

    def test_neighbour_may_have_the_address(self, router: Host, client: Host) -> None:
        """Switched off, it is an ordinary address; on, it is the router's own for the router."""
        settings.subnet_router(router.namespace, wanted=False)
        eventually("gone", lambda: router.groups() == [])
        client.add_temporary_address(PREFIX, dad=True)
        echo = Echo(router)
        assert echo.answerer(PREFIX) == PREFIX
        settings.subnet_router(router.namespace, wanted=True)
        eventually("back", lambda: PREFIX in [group.address for group in router.groups()])
        assert echo.answerer(PREFIX) != PREFIX

    def test_router_may_have_the_address(self, router: Host, client: Host) -> None:
        """As a unicast address of its own, too, which stays reachable."""
        router.add_temporary_address(PREFIX)
        echo = Echo(client)
        for wanted in False, True, False:
            settings.subnet_router(router.namespace, wanted=wanted)
            eventually(
                "done", lambda w=wanted: (PREFIX in [group[1] for group in router.groups()]) == w
            )
            assert echo.answerer(PREFIX) == PREFIX

    def test_programs_are_not_concerned(self, router: Host, observer: Observer) -> None:
        """A group that a program holds is published, be it a subnet-router anycast."""
        settings.subnet_router(router.namespace, wanted=False)
        observer.becomes(ABSENT, PREFIX)
        sock = router.member(PREFIX)
        observer.serves(PREFIX)
        assert Group(router.device, PREFIX, 2) in router.groups()
        sock.close()
        observer.becomes(ABSENT, PREFIX)
        assert states(router, PREFIX) == {members.OFF}

    def test_of_one_namespace(self, router: Host, client: Host) -> None:
        client.forwarding(True)
        settings.subnet_router(client.namespace, wanted=False)
        eventually("off", lambda: client.groups() == [])
        assert [group.address for group in router.groups()].count(PREFIX) == 1


def test_handed_back_and_taken_over(cable: Cable, observer: Observer) -> None:
    """C answers for it as ever; the module begins anew, switched on."""
    switch_to(MODULE)
    server = cable.server
    server.forwarding(True)
    settings.subnet_router(server.namespace, wanted=False)
    observer.becomes(ABSENT, PREFIX)
    switch_to(BUILTIN_C)
    assert observer.state(PREFIX) == PUBLISHED
    switch_to(MODULE)
    assert settings.read("subnet_router", server.namespace) == "1"
    observer.serves(PREFIX)
