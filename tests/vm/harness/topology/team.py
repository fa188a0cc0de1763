# SPDX-License-Identifier: GPL-2.0
"""Team devices without the daemon that sets their mode otherwise; without one they send nothing."""

import errno

from pyroute2 import NetlinkError
from pyroute2.netlink import NLM_F_ACK, NLM_F_REQUEST, genlmsg, nla
from pyroute2.netlink.generic import GenericNetlinkSocket

from harness.topology.namespace import Namespace

# Of kernel include/uapi/linux/if_team.h and include/net/netlink.h.
OPTIONS_SET, VERSION = 1, 1
NLA_STRING = 5
MODE = "roundrobin"


class _Message(genlmsg):
    nla_map = (
        ("TEAM_ATTR_UNSPEC", "none"),
        ("TEAM_ATTR_TEAM_IFINDEX", "uint32"),
        ("TEAM_ATTR_LIST_OPTION", "options"),
    )

    class options(nla):  # noqa: N801 - pyroute2 finds it by the name above
        nla_map = (("TEAM_ATTR_ITEM_OPTION_UNSPEC", "none"), ("TEAM_ATTR_ITEM_OPTION", "option"))

        class option(nla):  # noqa: N801
            nla_map = (
                ("TEAM_ATTR_OPTION_UNSPEC", "none"),
                ("TEAM_ATTR_OPTION_NAME", "asciiz"),
                ("TEAM_ATTR_OPTION_CHANGED", "flag"),
                ("TEAM_ATTR_OPTION_TYPE", "uint8"),
                ("TEAM_ATTR_OPTION_DATA", "asciiz"),
            )


def add(namespace: Namespace, name: str, ifindex: int, mac: str) -> None:
    """A team without ports; pyroute2 would start the daemon."""
    words = f"link add {name} index {ifindex} address {mac} type team"
    namespace.run("ip", *words.split())
    _set_mode(namespace, ifindex, MODE)


def _set_mode(namespace: Namespace, ifindex: int, mode: str) -> None:
    option = [
        ("TEAM_ATTR_OPTION_NAME", "mode"),
        ("TEAM_ATTR_OPTION_TYPE", NLA_STRING),
        ("TEAM_ATTR_OPTION_DATA", mode),
    ]
    message = _Message()
    message["cmd"], message["version"] = OPTIONS_SET, VERSION
    message["attrs"] = [
        ("TEAM_ATTR_TEAM_IFINDEX", ifindex),
        ("TEAM_ATTR_LIST_OPTION", {"attrs": [("TEAM_ATTR_ITEM_OPTION", {"attrs": option})]}),
    ]
    with namespace.inside():
        sock = GenericNetlinkSocket()
    try:
        sock.bind("team", _Message)
        sock.nlm_request(message, msg_type=sock.prid, msg_flags=NLM_F_REQUEST | NLM_F_ACK)
    except NetlinkError as error:
        if error.code != errno.ESRCH:  # nobody listens to the news of it
            raise
    finally:
        sock.close()
