# SPDX-License-Identifier: GPL-2.0
"""The single steps that rows of the socket option table are made of."""

import ctypes
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from harness.process.privilege import drop_net_admin, root_of_user_namespace
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP

LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass
class Subject:
    """What steps act on: a server with one interface, and one socket of it."""

    host: Host
    sock: socket.socket


type Step = Callable[[Subject], object]


def join(address: str = GROUP, ifindex: int = IFINDEX) -> Step:
    return lambda s: anycast.join(s.sock, address, ifindex)


def leave(address: str = GROUP, ifindex: int = IFINDEX) -> Step:
    return lambda s: anycast.leave(s.sock, address, ifindex)


def join_other_socket() -> Step:
    return lambda s: s.host.member(GROUP)


def set_option(option: int, value: bytes) -> Step:
    return lambda s: s.sock.setsockopt(socket.IPPROTO_IPV6, option, value)


def get_option(option: int) -> Step:
    return lambda s: s.sock.getsockopt(socket.IPPROTO_IPV6, option, 20)


def set_option_at(option: int, pointer: int, length: int = 20) -> Step:
    """setsockopt() with a pointer or a length that Python would not let through."""

    def step(subject: Subject) -> None:
        address = ctypes.c_void_p(pointer)
        fd = subject.sock.fileno()
        if LIBC.setsockopt(fd, socket.IPPROTO_IPV6, option, address, length) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return step


def repeated(count: int, step: Step) -> Step:
    def steps(subject: Subject) -> None:
        for _ in range(count):
            step(subject)

    return steps


def unprivileged(step: Step) -> Step:
    """Without CAP_NET_ADMIN, on the same socket."""
    return _in_child(drop_net_admin, step)


def as_root_elsewhere(step: Step) -> Step:
    """With all privileges of a user namespace that does not own the network namespace."""
    return _in_child(root_of_user_namespace, step)


def _in_child(prepare: Callable[[], None], step: Step) -> Step:
    def in_child(subject: Subject) -> None:
        def work() -> int:
            prepare()
            try:
                step(subject)
            except OSError as error:
                return error.errno or 0
            return 0

        number = subject.host.child(work).result()
        if number:
            raise OSError(number, os.strerror(number))

    return in_child


def sysctl(name: str, value: str) -> Step:
    return lambda s: s.host.namespace.sysctl(name, value)


def default_route() -> Step:
    return lambda s: s.host.namespace.add_route("::/0", s.host.device)


def tentative_address(address: str) -> Step:
    """Configure an address whose duplicate address detection outlasts the row."""

    def step(subject: Subject) -> None:
        for name in ("accept_dad", "dad_transmits"):
            subject.host.namespace.sysctl(f"ipv6/conf/{subject.host.device}/{name}", "100")
        subject.host.add_temporary_address(address, dad=True)

    return step
