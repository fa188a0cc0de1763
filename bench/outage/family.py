# SPDX-License-Identifier: GPL-2.0
"""The module's netlink family, as far as a drain needs it (include/anycast6.yaml)."""

import logging

from pyroute2.netlink import NLM_F_ACK, NLM_F_REQUEST, genlmsg
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.generic import GenericNetlinkSocket

from harness.topology.host import Host

NAME, VERSION, DRAIN = "anycast6", 1, 8


class Message(genlmsg):
    prefix = "ANYCAST6_A_GROUP_"
    nla_map = (
        ("ANYCAST6_A_GROUP_UNSPEC", "none"),
        ("ANYCAST6_A_GROUP_IFINDEX", "uint32"),
        ("ANYCAST6_A_GROUP_DEVICE", "asciiz"),
        ("ANYCAST6_A_GROUP_ADDRESS", "ip6addr"),
        ("ANYCAST6_A_GROUP_STATE", "uint32"),
        ("ANYCAST6_A_GROUP_SINCE", "hex"),
        ("ANYCAST6_A_GROUP_HOLDERS", "uint32"),
        ("ANYCAST6_A_GROUP_PEER", "l2addr"),
        ("ANYCAST6_A_GROUP_DRAIN", "hex"),
        ("ANYCAST6_A_GROUP_LEASE", "hex"),
        ("ANYCAST6_A_GROUP_TIME", "uint32"),
    )


class Family:
    """As a host sees it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        with host.namespace.inside():
            self._sock = GenericNetlinkSocket()

    def is_there(self) -> bool:
        # The absence is no error, which would be logged.
        logging.disable()
        try:
            self._sock.bind(NAME, Message)
        except NetlinkError:
            return False
        finally:
            logging.disable(logging.NOTSET)
        return True

    def drain(self, group: str, milliseconds: int) -> None:
        message = Message()
        message["cmd"], message["version"] = DRAIN, VERSION
        message["attrs"] = [
            ("ANYCAST6_A_GROUP_IFINDEX", self._host.ifindex),
            ("ANYCAST6_A_GROUP_ADDRESS", group),
            ("ANYCAST6_A_GROUP_TIME", milliseconds),
        ]
        self._sock.nlm_request(
            message, msg_type=self._sock.prid, msg_flags=NLM_F_REQUEST | NLM_F_ACK
        )

    def close(self) -> None:
        self._sock.close()
