# SPDX-License-Identifier: GPL-2.0
"""The module's netlink family, spoken by the kernel's own client from include/anycast6.yaml."""

import copy
import errno
import os
import queue
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from ipaddress import IPv6Address
from typing import Any, NamedTuple

from pyynl.lib import Netlink, NlError, YnlFamily
from pyynl.lib.ynl import GenlProtocol, NlMsgs

from harness.kernel.implementation import PROJECT
from harness.topology.host import Host
from harness.wire.frames import LIMIT

NAME = "anycast6"
SPECIFICATION = PROJECT / "include" / f"{NAME}.yaml"
LISTENERS = "groups"
PUBLISHED, DRAINING, SUSPENDED = "published", "draining", "suspended"
DORMANT, YIELDING, OFF = "dormant", "yielding", "off"
# What is told of a group: it is in another state, it has ended, its neighbours are shown the peer.
CHANGED, ENDED, HANDED_OVER = "group-ntf", "group-del-ntf", "handover-ntf"
# Attributes of a group.
INDEX, ADDRESS, TIME = 1, 3, 10
# Bytes of the headers of netlink and of generic netlink, before the first attribute.
HEADERS = 20


class Status(NamedTuple):
    """A group as the module shows it; times in milliseconds."""

    ifindex: int
    address: str
    state: str | None = None
    device: str | None = None
    since: int | None = None
    holders: int | None = None
    peer: str | None = None
    drain: int | None = None
    lease: int | None = None


class Holder(NamedTuple):
    ifindex: int
    address: str
    kind: str
    count: int | None = None
    module: str | None = None
    cookie: int | None = None
    uid: int | None = None
    pid: int | None = None


class Event(NamedTuple):
    name: str
    group: Status


class ControlError(OSError):
    """With the kernel's text, and the attribute that is wrong or missing: its name, its place."""

    def __init__(self, number: int, extack: dict[str, Any]) -> None:
        super().__init__(number, extack.get("msg") or os.strerror(number))
        self.text: str = extack.get("msg", "")
        bad = extack.get("bad-attr") or extack.get("miss-type") or ""
        self.attribute: str = str(bad).removeprefix(".")
        self.offset: int | None = extack.get("bad-attr-offs")


class Answer(NamedTuple):
    """What a request came to, and may be sent from process to process."""

    result: str
    text: str = ""
    attribute: str = ""


def answer(request: Callable[[], object]) -> Answer:
    try:
        request()
    except ControlError as refused:
        return Answer(errno.errorcode[refused.errno or 0], refused.text, refused.attribute)
    return Answer("OK")


class Control:
    """A socket in a host's namespace, or where the caller is; it is of the user who opens it.

    The module must be loaded, and stay.
    """

    def __init__(self, host: Host | None = None) -> None:
        with host.namespace.inside() if host else nullcontext():
            self._family = _opened()
        self.sock = self._family.sock
        if host:
            host.adopt(self.sock)

    def groups(self, ifindex: int | None = None) -> list[Status]:
        """In the order of the module's."""
        only = {} if ifindex is None else {"ifindex": ifindex}
        return [_status(one) for one in self._ask("group-get", only, dump=True)]

    def group(self, ifindex: int, address: str) -> Status:
        return _status(self._ask("group-get", {"ifindex": ifindex, "address": address}))

    def state(self, ifindex: int, address: str) -> str | None:
        """None if the device has no such group."""
        try:
            return self.group(ifindex, address).state
        except ControlError as refused:
            if refused.errno != errno.ENOENT:
                raise
            return None

    def holders(self) -> list[Holder]:
        seen = [Holder(**one) for one in self._ask("holder-get", {}, dump=True)]
        return sorted(seen, key=repr)

    def suspend(self, ifindex: int, address: str) -> None:
        self._ask("suspend", {"ifindex": ifindex, "address": address})

    def resume(self, ifindex: int, address: str) -> None:
        self._ask("resume", {"ifindex": ifindex, "address": address})

    def drain(self, ifindex: int, address: str, time: int) -> None:
        self._ask("drain", {"ifindex": ifindex, "address": address, "time": time})

    def lease(self, ifindex: int, address: str, time: int) -> None:
        self._ask("lease", {"ifindex": ifindex, "address": address, "time": time})

    def _ask(self, operation: str, attributes: dict[str, Any], *, dump: bool = False) -> Any:
        ask = self._family.dump if dump else self._family.do
        try:
            return ask(operation, attributes)
        except NlError as error:
            raise ControlError(error.error, error.nl_msg.extack or {}) from error

    def raw(self, operation: str, *attributes: tuple[int, bytes], dump: bool = False) -> None:
        """A request with attributes of any kind and length, of which the answers are not read."""
        self.sock.send(self.message(operation, *attributes, dump=dump))
        done = False
        while not done:
            for message in NlMsgs(self.sock.recv(1 << 17)):
                if message.error:
                    raise ControlError(-message.error, message.extack or {})
                done = done or bool(message.done)

    def message(self, operation: str, *attributes: tuple[int, bytes], dump: bool = False) -> bytes:
        """Such a request as it is sent."""
        flags = Netlink.NLM_F_REQUEST | (Netlink.NLM_F_DUMP if dump else Netlink.NLM_F_ACK)
        command = self._family.ops[operation].req_value
        body = self._family.nlproto.message(flags, command, 1)
        body += b"".join(_attribute(*attribute) for attribute in attributes)
        return (len(body) + 4).to_bytes(4, "little") + body


class Listener:
    """What the module tells the multicast group of the family, in a host's namespace."""

    def __init__(self, host: Host) -> None:
        self._family = Control(host)._family
        self.sock = self._family.sock
        self._family.ntf_subscribe(LISTENERS)
        self._seen: list[Event] = []

    def all(self, address: str) -> list[Event]:
        """All of a group that was told so far, but for what next() returned."""
        self._seen += self._receive()
        return [event for event in self._seen if event.group.address == address]

    def words(self, address: str) -> list[str]:
        """The same: states, and the names of what is no state."""
        return [_word(event) for event in self.all(address)]

    def next(self, address: str, limit: float = LIMIT) -> Event:
        """Wait for the next event of a group; those before it, of others, are forgotten."""
        deadline = time.monotonic() + limit
        while True:
            while self._seen:
                event = self._seen.pop(0)
                if event.group.address == address:
                    return event
            rest = deadline - time.monotonic()
            assert rest > 0, f"nothing was told of {address} within {limit:g} s"
            select.select([self._family.sock], [], [], rest)
            self._seen += self._receive()

    def _receive(self) -> Iterator[Event]:
        self._family.check_ntf()
        events = self._family.async_msg_queue
        while not events.empty():
            told = events.get()
            yield Event(told["name"], _status(told["msg"]))


def _word(event: Event) -> str:
    return event.group.state or "" if event.name == CHANGED else event.name


def _status(attributes: dict[str, Any]) -> Status:
    assert str(IPv6Address(attributes["address"])) == attributes["address"]
    return Status(**attributes)


def _attribute(kind: int, value: bytes) -> bytes:
    data = (4 + len(value)).to_bytes(2, "little") + kind.to_bytes(2, "little") + value
    return data + b"\0" * (-len(data) % 4)


@cache
def _specified() -> YnlFamily:
    """The schema has been asked by scripts/check. A slow machine reads this once."""
    family = YnlFamily(str(SPECIFICATION), schema="")
    family.close()
    return family


def _opened() -> YnlFamily:
    """A client of its own: the family has another number each time that the module is loaded."""
    GenlProtocol.genl_family_name_to_id = {}
    family = copy.copy(_specified())
    family.nlproto = GenlProtocol(NAME)
    family.sock = _socket()
    family.async_msg_queue = queue.Queue()
    return family


def _socket() -> socket.socket:
    """Which is told why a request fails, and may ask for nothing that the kernel ignores."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, Netlink.NETLINK_GENERIC)
    for option in (
        Netlink.NETLINK_CAP_ACK,
        Netlink.NETLINK_EXT_ACK,
        Netlink.NETLINK_GET_STRICT_CHK,
    ):
        sock.setsockopt(Netlink.SOL_NETLINK, option, 1)
    return sock
