# SPDX-License-Identifier: GPL-2.0
"""BPF programs that the kernel asks when a socket of a control group binds; assembled by hand."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from ipaddress import IPv6Address
from pathlib import Path

from harness.kernel.control_group import ROOT

SYS_BPF = 321
PROG_LOAD, PROG_ATTACH = 5, 8
LIBC = ctypes.CDLL(None, use_errno=True)

REFUSE, ALLOW = 0, 1
# Without CAP_NET_BIND_SERVICE, too (kernel include/linux/bpf-cgroup.h).
ALLOW_ANY_PORT = 3


class Hook(Enum):
    """Type of the program, and of its attachment (kernel include/uapi/linux/bpf.h)."""

    # Before anything is looked at; may change the address.
    BIND = (18, 9)
    # When the socket has its address and its port.
    POST_BIND = (9, 13)


def verdict(value: int) -> bytes:
    """The end of a program: r0 = value; exit."""
    return _instruction(0xB7, 0, 0, value) + _instruction(0x95, 0, 0, 0)


def set_address(address: str) -> bytes:
    """Change the address that was asked for: struct bpf_sock_addr, user_ip6."""
    words = struct.unpack("=4i", IPv6Address(address).packed)
    return b"".join(_store(8 + 4 * number, word) for number, word in enumerate(words))


def set_port(port: int) -> bytes:
    """Change the port: user_port, which is in network byte order."""
    return _store(24, socket.htons(port))


@contextmanager
def program(hook: Hook, code: bytes, name: str = "anycast6-bind") -> Iterator[Path]:
    """A control group with the program; it must be empty in the end."""
    directory = ROOT / name
    directory.mkdir()
    try:
        _attach(directory, hook, code)
        yield directory
    finally:
        directory.rmdir()


@contextmanager
def inside(directory: Path) -> Iterator[None]:
    """Sockets that this process makes meanwhile belong to the control group."""
    _enter(directory)
    try:
        yield
    finally:
        _enter(ROOT)


def _enter(directory: Path) -> None:
    (directory / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def _attach(directory: Path, hook: Hook, code: bytes) -> None:
    """The control group has the program from now on, whether its descriptor is open or not."""
    kind, attachment = hook.value
    instructions = ctypes.create_string_buffer(code, len(code))
    licence = ctypes.create_string_buffer(b"GPL")
    where = ctypes.addressof(instructions), ctypes.addressof(licence)
    load = struct.pack("=IIQQ", kind, len(code) // 8, *where)
    loaded = _bpf(PROG_LOAD, load + bytes(8 + 8 + 4 + 4 + 16 + 4) + struct.pack("=I", attachment))
    group = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _bpf(PROG_ATTACH, struct.pack("=IIII", group, loaded, attachment, 0))
    finally:
        os.close(group)
        os.close(loaded)


def _bpf(command: int, attributes: bytes) -> int:
    result = LIBC.syscall(SYS_BPF, command, attributes, len(attributes))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), f"bpf({command})")
    return result


def _store(offset: int, word: int) -> bytes:
    """r2 = word; *(u32 *)(r1 + offset) = r2"""
    return _instruction(0xB7, 2, 0, word) + _instruction(0x63, 0x21, offset, 0)


def _instruction(code: int, registers: int, offset: int, immediate: int) -> bytes:
    return struct.pack("=BBhi", code, registers, offset, immediate)
