# SPDX-License-Identifier: GPL-2.0
"""Groups on the devices of tunnels: who comes from the other end is answered until the leave.

Nobody solicits where there are no neighbours, which are all kinds but the one that is an Ethernet.
"""

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.lan import Cable
from harness.topology.tunnel import NAME, NET, tunnel
from harness.views.state import multicast_users, solicited_node, tables
from harness.wait import eventually
from harness.wire.packets import Echo

pytestmark = pytest.mark.usefixtures("implementation")

GROUP, LINK_LOCAL_GROUP = NET + "a", "fe80::7:a"
ETHERNET = "vxlan"
# Those that the debug kernel has.
SIMPLE = "sit", "ip6tnl"
KINDS = [
    *SIMPLE,
    *(
        pytest.param(kind, marks=pytest.mark.ordinary_kernel)
        for kind in ("ip6gre", "vxlan", "wireguard", "ppp")
    ),
]


@pytest.mark.parametrize("kind", KINDS)
def test_group_of_a_tunnel(cable: Cable, kind: str) -> None:
    """A global and a link-local one."""
    server, client = cable.hosts
    with tunnel(cable, kind) as ends:
        echo, index = Echo(client), server.namespace.index_of(NAME)
        scope = client.namespace.index_of(NAME)
        for group, own in (GROUP, ends.server.own), (LINK_LOCAL_GROUP, ends.server.link_local):
            assert echo.answerer(own, scope) == own
            sock = server.open()
            anycast.join(sock, group, index)
            assert server.groups() == [Group(NAME, group, 1)]
            assert tables(server.namespace, group) == ["local"]
            assert users(cable, group) == int(kind == ETHERNET)
            assert echo.answerer(group, scope) == own
            sock.close()
            assert server.groups() == []
            assert tables(server.namespace, group) == []
            assert users(cable, group) == 0
            echo.send(group, scope)
            assert echo.answerer(own, scope) == own
    eventually("the device is gone", lambda: not server.has_device(NAME))


def users(cable: Cable, group: str) -> int:
    return multicast_users(cable.server.namespace, NAME, solicited_node(group))
