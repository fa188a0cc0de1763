# SPDX-License-Identifier: GPL-2.0
"""What IPV6_JOIN_ANYCAST and IPV6_LEAVE_ANYCAST answer: one row for each case."""

import socket
from dataclasses import dataclass

from harness.sockopt.anycast import IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST, Group, mreq
from harness.sockopt.steps import (
    Step,
    as_root_elsewhere,
    default_route,
    get_option,
    join,
    join_other_socket,
    leave,
    repeated,
    set_option,
    set_option_at,
    sysctl,
    tentative_address,
    unprivileged,
)
from harness.topology.host import IFINDEX
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, PREFIX, SECOND

DEVICE = "veth-server"
LO = 1
ABSENT = 4711
OWN = "2001:db8:1::1"
OWN_LINK_LOCAL = "fe80::1"
TENTATIVE = "2001:db8:1::7e"
MULTICAST = "ff02::1"
MAPPED = "::ffff:192.0.2.1"
BAD_POINTER = 1
LONG = 4016
# A membership takes 32 bytes of the option memory that a socket may have; using up all is refused.
SMALL_OPTMEM, SMALL_LIMIT = 4096, 127
DEFAULT_LIMIT = 4095


def group(address: str = GROUP, users: int = 1, device: str = DEVICE) -> Group:
    return Group(device, address, users)


@dataclass(frozen=True)
class Row:
    """All steps must succeed but the last, which gives the result; then `listed` is all there is.

    On a router the groups that addrconf holds are there besides.
    """

    name: str
    steps: list[Step]
    result: str = "OK"
    listed: tuple[Group, ...] = ()
    kind: int = socket.SOCK_DGRAM
    proto: int = 0
    family: int = socket.AF_INET6
    router: bool = False


ARGUMENT = [
    Row("join", [join()], listed=(group(),)),
    Row("join-short", [set_option(IPV6_JOIN_ANYCAST, mreq(GROUP, IFINDEX)[:-1])], "EINVAL"),
    Row("join-empty", [set_option(IPV6_JOIN_ANYCAST, b"")], "EINVAL"),
    Row(
        "join-long",
        [set_option(IPV6_JOIN_ANYCAST, mreq(GROUP, IFINDEX).ljust(LONG, b"x"))],
        listed=(group(),),
    ),
    Row("join-bad-pointer", [set_option_at(IPV6_JOIN_ANYCAST, BAD_POINTER)], "EFAULT"),
    Row("join-null-pointer", [set_option_at(IPV6_JOIN_ANYCAST, 0)], "EFAULT"),
    Row("join-negative-length", [set_option_at(IPV6_JOIN_ANYCAST, BAD_POINTER, -1)], "EINVAL"),
    Row("join-short-before-bad-pointer", [set_option_at(IPV6_JOIN_ANYCAST, 0, 19)], "EINVAL"),
    Row(
        "leave-short",
        [join(), set_option(IPV6_LEAVE_ANYCAST, mreq(GROUP, IFINDEX)[:-1])],
        "EINVAL",
        listed=(group(),),
    ),
    Row(
        "leave-bad-pointer",
        [join(), set_option_at(IPV6_LEAVE_ANYCAST, BAD_POINTER)],
        "EFAULT",
        listed=(group(),),
    ),
    Row("get-join", [join(), get_option(IPV6_JOIN_ANYCAST)], "ENOPROTOOPT", listed=(group(),)),
    Row("get-leave", [join(), get_option(IPV6_LEAVE_ANYCAST)], "ENOPROTOOPT", listed=(group(),)),
]

SOCKET = [
    Row("join-stream", [join()], listed=(group(),), kind=socket.SOCK_STREAM),
    Row(
        "join-raw",
        [join()],
        listed=(group(),),
        kind=socket.SOCK_RAW,
        proto=socket.IPPROTO_ICMPV6,
    ),
    Row("join-ipv4-datagram", [join()], "ENOPROTOOPT", family=socket.AF_INET),
    Row(
        "join-ipv4-stream",
        [join()],
        "ENOPROTOOPT",
        family=socket.AF_INET,
        kind=socket.SOCK_STREAM,
    ),
    Row("leave-ipv4-datagram", [leave()], "ENOPROTOOPT", family=socket.AF_INET),
]

ADDRESS = [
    Row("join-multicast", [join(MULTICAST)], "EINVAL"),
    Row("join-own", [join(OWN)], "EINVAL"),
    Row("join-own-link-local", [join(OWN_LINK_LOCAL)], "EINVAL"),
    Row(
        "join-own-tentative",
        [tentative_address(TENTATIVE), join(TENTATIVE)],
        listed=(group(TENTATIVE),),
    ),
    Row("join-neighbours", [join("2001:db8:1::2")], listed=(group("2001:db8:1::2"),)),
    Row("join-link-local", [join(LINK_LOCAL_GROUP)], listed=(group(LINK_LOCAL_GROUP),)),
    Row("join-subnet-router", [join(PREFIX)], listed=(group(PREFIX),)),
    Row("join-off-prefix-host", [join(OFF_PREFIX)], "EADDRNOTAVAIL"),
    Row("join-off-prefix-router", [join(OFF_PREFIX)], listed=(group(OFF_PREFIX),), router=True),
    Row("join-unspecified-host", [join("::")], "EADDRNOTAVAIL"),
    Row("join-unspecified-router", [join("::")], listed=(group("::"),), router=True),
    Row("join-mapped-host", [join(MAPPED)], "EADDRNOTAVAIL"),
    Row("join-mapped-router", [join(MAPPED)], listed=(group(MAPPED),), router=True),
    Row("join-loopback-host", [join("::1")], "EINVAL"),
    Row("join-loopback-router", [join("::1")], "EINVAL", router=True),
]

INTERFACE = [
    Row("join-no-device-host", [join(ifindex=ABSENT)], "ENODEV"),
    Row("join-no-device-router", [join(ifindex=ABSENT)], "ENODEV", router=True),
    Row("join-negative-device", [join(ifindex=-1)], "ENODEV"),
    Row("join-own-no-device", [join(OWN, ABSENT)], "EINVAL"),
    Row("join-own-of-another-device", [join(OWN, LO)], "EINVAL"),
    Row("join-lo-host", [join(ifindex=LO)], "EADDRNOTAVAIL"),
    Row("join-lo-router", [join(ifindex=LO)], listed=(group(device="lo"),), router=True),
    Row("join-any-by-route", [join(ifindex=0)], listed=(group(),)),
    Row("join-any-own", [join(OWN, 0)], "EINVAL"),
    Row("join-any-no-route-host", [join(OFF_PREFIX, 0)], "EADDRNOTAVAIL"),
    Row(
        "join-any-no-route-router",
        [join(OFF_PREFIX, 0)],
        listed=(group(OFF_PREFIX),),
        router=True,
    ),
    Row("join-any-default-route-host", [default_route(), join(OFF_PREFIX, 0)], "EADDRNOTAVAIL"),
    Row(
        "join-any-default-route-router",
        [default_route(), join(OFF_PREFIX, 0)],
        listed=(group(OFF_PREFIX),),
        router=True,
    ),
]

PRIVILEGE = [
    Row("join-unprivileged", [unprivileged(join())], "EPERM"),
    Row("join-unprivileged-router", [unprivileged(join())], "EPERM", router=True),
    Row("join-unprivileged-before-all", [unprivileged(join(MULTICAST, ABSENT))], "EPERM"),
    Row("join-root-elsewhere", [as_root_elsewhere(join())], "EPERM"),
    Row("leave-unprivileged", [join(), unprivileged(leave())]),
]

COUNTING = [
    Row("join-twice", [join(), join()], listed=(group(users=2),)),
    Row("join-twice-leave-once", [join(), join(), leave()], listed=(group(),)),
    Row("join-twice-leave-twice", [join(), join(), leave(), leave()]),
    Row("join-once-leave-twice", [join(), leave(), leave()], "ENOENT"),
    Row("join-leave-join", [join(), leave(), join()], listed=(group(),)),
    Row("leave-none", [leave()], "ENOENT"),
    Row("leave-other-address", [join(), leave(SECOND)], "ENOENT", listed=(group(),)),
    Row("leave-other-socket", [join_other_socket(), leave()], "ENOENT", listed=(group(),)),
    Row("leave-other-device", [join(), leave(ifindex=LO)], "ENOENT", listed=(group(),)),
    Row("leave-no-device", [join(), leave(ifindex=ABSENT)], "ENOENT", listed=(group(),)),
    Row("leave-negative-device", [join(), leave(ifindex=-1)], "ENOENT", listed=(group(),)),
    Row("leave-any", [join(), leave(ifindex=0)]),
    Row("leave-any-joined-by-route", [join(ifindex=0), leave()]),
    Row("leave-any-none", [leave(ifindex=0)], "ENOENT"),
    Row(
        "leave-any-first-is-last-joined",
        [join(), join(ifindex=LO), leave(ifindex=0)],
        listed=(group(),),
        router=True,
    ),
    Row(
        "leave-any-first-is-last-joined-lo",
        [join(ifindex=LO), join(), leave(ifindex=0)],
        listed=(group(device="lo"),),
        router=True,
    ),
    Row("leave-multicast", [leave(MULTICAST)], "ENOENT"),
]

MEMORY = [
    Row(
        "join-out-of-memory",
        [sysctl("core/optmem_max", str(SMALL_OPTMEM)), repeated(SMALL_LIMIT, join()), join()],
        "ENOMEM",
        listed=(group(users=SMALL_LIMIT),),
    ),
    Row(
        "join-after-leave-out-of-memory",
        [
            sysctl("core/optmem_max", str(SMALL_OPTMEM)),
            repeated(SMALL_LIMIT, join()),
            leave(),
            join(),
        ],
        listed=(group(users=SMALL_LIMIT),),
    ),
    Row(
        "join-out-of-default-memory",
        [repeated(DEFAULT_LIMIT, join()), join()],
        "ENOMEM",
        listed=(group(users=DEFAULT_LIMIT),),
    ),
]

ROWS = [*ARGUMENT, *SOCKET, *ADDRESS, *INTERFACE, *PRIVILEGE, *COUNTING, *MEMORY]

# Rows where the module differs from built-in C on purpose, as they are with the module.
DIFFERING = [
    Row("join-own-tentative", [tentative_address(TENTATIVE), join(TENTATIVE)], "EINVAL"),
    Row("join-unspecified-host", [join("::")], "EINVAL"),
    Row("join-unspecified-router", [join("::")], "EINVAL", router=True),
    Row("join-mapped-host", [join(MAPPED)], "EINVAL"),
    Row("join-mapped-router", [join(MAPPED)], "EINVAL", router=True),
    Row("join-unprivileged-before-all", [unprivileged(join(MULTICAST, ABSENT))], "EINVAL"),
]
DIFFERENCES = {row.name: row for row in DIFFERING}
