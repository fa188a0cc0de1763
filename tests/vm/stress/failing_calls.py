# SPDX-License-Identifier: GPL-2.0
"""The system calls in which allocations are made to fail, each with what must be there before.

A row is entered for each try: it makes what the call needs, and in the end takes back all of it.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

from harness.kernel import caller
from harness.process.privilege import without_net_admin
from harness.sockopt import anycast
from harness.topology import namespace
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX, SECOND
from harness.topology.requests import Request
from harness.views import settings
from harness.views.control import ADDRESS, INDEX, TIME, Control
from harness.views.export import TABLE, addresses
from harness.wait import eventually

WELL_KNOWN = PREFIX + "fdff:ffff:ffff:fffe"
PORT = 4711
DUMMY = "extra"
DUMMYS_INDEX, DUMMYS_ADDRESS, DUMMYS_GROUP = 77, "2001:db8:5::1", "2001:db8:5::a"
# Milliseconds: neither a drain nor a lease is over before the scenario is.
LONG = 10_000_000

type Call = Callable[[], object]
type Prepared = AbstractContextManager[Call]


@dataclass(frozen=True)
class Row:
    """`answers`: the errors that may come of it; none means that it has to succeed.

    `below_module`: only what the module allocates fails, for the kernel's own part is long.
    `takes_memory`: of those there are some; if not, there must be none.
    """

    prepare: Callable[[Host], Prepared]
    answers: frozenset[str] = frozenset({"ENOMEM", "ENOBUFS"})
    below_module: bool = False
    takes_memory: bool = True

    @property
    def name(self) -> str:
        return self.prepare.__name__


@contextmanager
def first_join(host: Host) -> Iterator[Call]:
    with _socket(host) as sock:
        yield lambda: anycast.join(sock, GROUP, IFINDEX)


@contextmanager
def further_join(host: Host) -> Iterator[Call]:
    with _member(host), _socket(host) as sock:
        yield lambda: anycast.join(sock, GROUP, IFINDEX)


@contextmanager
def join_of_choice(host: Host) -> Iterator[Call]:
    """The host chooses the device."""
    with _socket(host) as sock:
        yield lambda: anycast.join(sock, GROUP, 0)


@contextmanager
def exported_join(host: Host) -> Iterator[Call]:
    """The group is exported at once, or soon."""
    settings.export_table(host.namespace, TABLE)
    with _socket(host) as sock:
        yield lambda: anycast.join(sock, GROUP, IFINDEX)
        listed = [group.address for group in host.groups()]
        eventually("exported", lambda: addresses(host.namespace) == listed)
    settings.export_table(host.namespace, 0)


@contextmanager
def unprivileged_join(host: Host) -> Iterator[Call]:
    with _socket(host) as sock, without_net_admin():
        yield lambda: anycast.join(sock, WELL_KNOWN, IFINDEX)


@contextmanager
def listener_join(host: Host) -> Iterator[Call]:
    with _listener(host) as sock:
        yield lambda: anycast.join(sock, GROUP, IFINDEX)


@contextmanager
def leave(host: Host) -> Iterator[Call]:
    with _member(host) as sock:
        yield lambda: anycast.leave(sock, GROUP, IFINDEX)


@contextmanager
def close(host: Host) -> Iterator[Call]:
    with _member(host) as sock:
        anycast.join(sock, SECOND, IFINDEX)
        yield sock.close


@contextmanager
def close_of_listener(host: Host) -> Iterator[Call]:
    with _listener(host) as sock:
        anycast.join(sock, GROUP, IFINDEX)
        yield sock.close


@contextmanager
def bind_of_listener(host: Host) -> Iterator[Call]:
    """That of a datagram socket takes no memory."""
    with _member(host), _socket(host, socket.SOCK_STREAM) as sock:
        yield lambda: sock.bind((GROUP, PORT))


@contextmanager
def caller_inc(host: Host) -> Iterator[Call]:
    calls = caller.Caller(host)
    with calls.ready("inc", GROUP) as call:
        yield call
    if calls.holds(GROUP):
        calls.dec(GROUP)


@contextmanager
def caller_dec(host: Host) -> Iterator[Call]:
    calls = caller.Caller(host)
    calls.inc(GROUP)
    with calls.ready("dec", GROUP) as call:
        yield call
    if calls.holds(GROUP):
        calls.dec(GROUP)


@contextmanager
def suspend(host: Host) -> Iterator[Call]:
    with _controlled(host) as control:
        yield _request(control, "suspend")


@contextmanager
def resume(host: Host) -> Iterator[Call]:
    """What cannot be published at once is published soon."""
    with _controlled(host) as control:
        control.suspend(DUMMYS_INDEX, DUMMYS_GROUP)
        yield _request(control, "resume")


@contextmanager
def drain(host: Host) -> Iterator[Call]:
    with _controlled(host) as control:
        yield _request(control, "drain", LONG)


@contextmanager
def lease(host: Host) -> Iterator[Call]:
    with _controlled(host) as control:
        yield _request(control, "lease", LONG)


@contextmanager
def group_get(host: Host) -> Iterator[Call]:
    with _controlled(host) as control:
        yield _request(control, "group-get")


@contextmanager
def device_create(host: Host) -> Iterator[Call]:
    with Request.add_dummy(host, DUMMY) as request:
        yield request.send
    _delete_dummy(host)


@contextmanager
def device_delete(host: Host) -> Iterator[Call]:
    """A device on which groups are held, one of them by two."""
    index = host.namespace.add_dummy(DUMMY, "2001:db8:5::1")
    with _socket(host) as sock, Request.delete(host, index) as request:
        for group in ("2001:db8:5::a", "2001:db8:5::b", "2001:db8:5::b"):
            anycast.join(sock, group, index)
        yield request.send
    _delete_dummy(host)


@contextmanager
def device_down(host: Host) -> Iterator[Call]:
    """Its groups become dormant."""
    with _member(host), Request.change(host, IFINDEX, up=False) as request:
        yield request.send
        host.namespace.rtnl.link("set", index=IFINDEX, state="up")
        host.restore_addresses()


@contextmanager
def namespace_create(_: Host) -> Iterator[Call]:
    with namespace.restored():
        yield lambda: os.unshare(os.CLONE_NEWNET)


@contextmanager
def sysctl_open(host: Host) -> Iterator[Call]:
    with _opened(host, settings.DIRECTORY / "admission", read=False) as call:
        yield call


@contextmanager
def sysctl_read(host: Host) -> Iterator[Call]:
    with _opened(host, settings.DIRECTORY / "max_groups", read=True) as call:
        yield call


def _file(name: str, *, read: bool) -> Callable[[Host], Prepared]:
    """A file of /proc/net, with a group to tell of."""

    @contextmanager
    def prepare(host: Host) -> Iterator[Call]:
        with _member(host), _opened(host, namespace.PROC_NET / name, read=read) as call:
            yield call

    prepare.__name__ = f"{name}_{'read' if read else 'open'}"
    return prepare


@contextmanager
def _opened(host: Host, path: Path, *, read: bool) -> Iterator[Call]:
    """Opening the file, or reading it, which comes to the same when it succeeds."""
    opened: list[int] = []
    with host.namespace.inside():
        if read:
            opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            yield lambda: os.read(opened[0], 65536)
        else:
            yield lambda: opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    for file in opened:
        os.close(file)


@contextmanager
def _socket(host: Host, kind: int = socket.SOCK_DGRAM) -> Iterator[socket.socket]:
    with host.open(kind) as sock:
        yield sock


@contextmanager
def _member(host: Host) -> Iterator[socket.socket]:
    with host.member(GROUP) as sock:
        yield sock


@contextmanager
def _listener(host: Host) -> Iterator[socket.socket]:
    with host.open(socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("::", PORT))
        sock.listen()
        yield sock


@contextmanager
def _controlled(host: Host) -> Iterator[Control]:
    """With a group on a new device: for none of its groups has anything been asked yet."""
    host.namespace.add_dummy(DUMMY, DUMMYS_ADDRESS, index=DUMMYS_INDEX)
    control = Control(host)
    with control.sock, _socket(host) as sock:
        anycast.join(sock, DUMMYS_GROUP, DUMMYS_INDEX)
        yield control
    _delete_dummy(host)


def _request(control: Control, operation: str, time: int | None = None) -> Call:
    """A request for that group; YNL itself would take memory, too."""
    numbers = {INDEX: DUMMYS_INDEX} | ({} if time is None else {TIME: time})
    attributes = [(kind, number.to_bytes(4, "little")) for kind, number in numbers.items()]
    address = (ADDRESS, IPv6Address(DUMMYS_GROUP).packed)
    return Request(control.sock, control.message(operation, address, *attributes)).send


def _delete_dummy(host: Host) -> None:
    if host.has_device(DUMMY):
        host.namespace.delete_device(DUMMY)


# A close, and a device that goes, cannot be refused.
NONE: frozenset[str] = frozenset()
# What the kernel says when it has no memory for the port.
PORT_TAKEN = frozenset({"EADDRINUSE", "ENOMEM"})
OUT_OF_MEMORY = frozenset({"ENOMEM"})
ORDERS = suspend, resume, drain, lease, group_get
FILES = "anycast6", "anycast6_members", "anycast6_stat"

ROWS = [
    Row(first_join),
    Row(exported_join),
    Row(further_join),
    # A route that cannot be looked up is none.
    Row(join_of_choice, frozenset({"ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"})),
    Row(unprivileged_join),
    Row(listener_join),
    Row(leave, NONE),
    Row(close, NONE),
    Row(close_of_listener, NONE),
    Row(bind_of_listener, PORT_TAKEN),
    Row(caller_inc),
    Row(caller_dec),
    # The kernel's own part is the message and its answer: without memory for the answer a program
    # does not learn that what it asked for has been done.
    *(Row(order, OUT_OF_MEMORY, below_module=True) for order in ORDERS),
    # A device without groups is nothing to the module.
    Row(device_create, below_module=True, takes_memory=False),
    Row(device_delete, NONE, below_module=True),
    Row(device_down, NONE, below_module=True),
    Row(namespace_create, below_module=True),
    Row(sysctl_open),
    Row(sysctl_read),
    *(Row(_file(name, read=False)) for name in FILES),
    *(Row(_file(name, read=True)) for name in FILES),
]
