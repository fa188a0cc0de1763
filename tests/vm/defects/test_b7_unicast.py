# SPDX-License-Identifier: GPL-2.0
"""B7: one address must not be a group and a unicast address of a device at the same time."""

from collections.abc import Iterator

import pytest
from pyroute2 import NetlinkError

from harness.defect import Defect
from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.kernel.implementation import MODULE, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, Cable
from harness.views.observer import ABSENT, Observer

OTHER = "other"
TENTATIVE = f"{PREFIX}7e"


def added(host: Host, address: str, device: str = "") -> str:
    """What the kernel answers to a new unicast address, which goes again if it was taken."""
    device = device or host.device

    def add() -> None:
        try:
            host.namespace.add_address(device, address)
        except NetlinkError as error:
            raise OSError(error.code, str(error)) from error
        host.namespace.delete_address(device, address)

    return anycast.result(add)


@pytest.mark.parametrize("group", [GROUP, LINK_LOCAL_GROUP])
def test_group_is_refused(defect: Defect, server: Host, observer: Observer, group: str) -> None:
    sock = server.member(group)
    defect.check(added(server, group), "EADDRINUSE", "OK")
    if not defect.shown:
        observer.serves(group)
    sock.close()
    assert added(server, group) == "OK"


def test_refusal_says_why(defect: Defect, server: Host) -> None:
    """The administrator learns of the group from what `ip` prints."""
    server.member(GROUP)
    argv = ["ip", "-6", "addr", "add", f"{GROUP}/64", "dev", server.device, "nodad"]
    done = server.namespace.attempt(*argv)
    defect.check("anycast" in done.stderr, True, False)
    if done.returncode == 0:
        server.namespace.delete_address(server.device, GROUP)


@pytest.mark.smoke("module")
def test_dormant_group_is_refused(defect: Defect, cable: Cable, observer: Observer) -> None:
    """It is held, and would meet the address when it comes back."""
    cable.server.member(GROUP)
    loss.down(cable)
    defect.check(added(cable.server, GROUP), "EADDRINUSE", "OK")
    loss.up(cable)
    if not defect.shown:
        observer.serves(GROUP)


@pytest.mark.usefixtures("implementation")
def test_other_address_and_other_device_are_not_concerned(server: Host) -> None:
    server.namespace.add_dummy(OTHER)
    server.member(GROUP)
    assert added(server, SECOND) == "OK"
    assert added(server, GROUP, OTHER) == "OK"
    server.namespace.delete_device(OTHER)


@pytest.mark.usefixtures("implementation")
def test_router_may_have_the_first_address_of_a_prefix(server: Host) -> None:
    """Addrconf alone holds the group; routers do number themselves so."""
    server.forwarding(True)
    assert Group(server.device, PREFIX, 1) in server.groups()
    assert added(server, PREFIX) == "OK"


def test_first_address_of_a_prefix_that_a_program_holds(defect: Defect, server: Host) -> None:
    server.forwarding(True)
    sock = server.member(PREFIX)
    defect.check(added(server, PREFIX), "EADDRINUSE", "OK")
    sock.close()
    assert added(server, PREFIX) == "OK"


def test_own_tentative_address_is_no_group(
    defect: Defect, server: Host, observer: Observer
) -> None:
    """As little as one that has passed the check."""
    for name in "accept_dad", "dad_transmits":
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", "100")
    server.add_temporary_address(TENTATIVE, dad=True)
    sock = server.open()
    answer = anycast.result(lambda: anycast.join(sock, TENTATIVE, server.ifindex))
    defect.check(answer, "EINVAL", "OK")
    defect.check(observer.state(TENTATIVE).listed, False, True)
    sock.close()


@pytest.fixture
def kernel_caller(server: Host) -> Iterator[Caller]:
    """Built-in C exports nothing that it could call."""
    switch_to(MODULE)
    with caller.loaded():
        yield Caller(server)


def test_group_of_a_kernel_caller_is_refused(server: Host, kernel_caller: Caller) -> None:
    kernel_caller.inc(GROUP)
    assert added(server, GROUP) == "EADDRINUSE"
    kernel_caller.dec(GROUP)
    assert added(server, GROUP) == "OK"


@pytest.mark.usefixtures("implementation")
def test_address_ends_before_the_group_begins(server: Host, observer: Observer) -> None:
    """The order that has always been refused, and what is allowed after it."""
    server.namespace.add_address(server.device, GROUP)
    assert anycast.result(lambda: server.member(GROUP)) == "EINVAL"
    server.namespace.delete_address(server.device, GROUP)
    sock = server.member(GROUP)
    observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)
