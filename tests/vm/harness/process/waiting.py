# SPDX-License-Identifier: GPL-2.0
"""Processes that wait in the midst of a system call, with the locks that the kernel holds by then.

They pass memory that is half there: the kernel sleeps when it comes to the other half, which is a
page of a userfaultfd that nobody serves, and gives up when the process is killed.
"""

import ctypes
import fcntl
import mmap
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from harness.process.child import Child
from harness.sockopt.anycast import IPV6_JOIN_ANYCAST
from harness.topology.host import Host
from harness.wait import eventually

# Of x86_64, the architecture of the VM.
SYS_USERFAULTFD = 323
UFFDIO_API, UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00
API, MISSING = 0xAA, 1
# What is there of the memory, bytes.
HALF = 4
SIOCETHTOOL, ETHTOOL_GLINK = 0x8946, 0x0A
LIBC = ctypes.CDLL(None, use_errno=True)


class HalfThere:
    """Memory of this process of which the first HALF bytes are there."""

    def __init__(self, begin: bytes = bytes(HALF)) -> None:
        self._pages = mmap.mmap(-1, 2 * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        missing = ctypes.addressof(ctypes.c_char.from_buffer(self._pages)) + mmap.PAGESIZE
        self._pages[mmap.PAGESIZE - HALF : mmap.PAGESIZE] = begin
        descriptor = LIBC.syscall(SYS_USERFAULTFD, 0)
        fcntl.ioctl(descriptor, UFFDIO_API, struct.pack("=QQQ", API, 0, 0))
        register = struct.pack("=QQQQ", missing, mmap.PAGESIZE, MISSING, 0)
        fcntl.ioctl(descriptor, UFFDIO_REGISTER, register)
        self.address = missing - HALF


def rtnl_held(host: Host) -> AbstractContextManager[None]:
    """Somebody holds RTNL: `ethtool`, about to say whether the loopback device has a link."""
    sock = host.open()

    def call() -> None:
        memory = HalfThere(struct.pack("=I", ETHTOOL_GLINK))
        fcntl.ioctl(sock, SIOCETHTOOL, struct.pack("=16sQ16x", b"lo", memory.address))

    return _waiting(host, call)


def socket_locked(host: Host, sock: socket.socket) -> AbstractContextManager[None]:
    """Somebody holds the lock of the socket: a setsockopt() of another process."""

    def call() -> None:
        memory = HalfThere()
        where = ctypes.c_void_p(memory.address)
        LIBC.setsockopt(sock.fileno(), socket.IPPROTO_IPV6, IPV6_JOIN_ANYCAST, where, 20)

    return _waiting(host, call)


def waits_in(child: Child, function: str) -> bool:
    """Whether the process sleeps in that function of the kernel, or in one of a longer name."""
    return function in Path(f"/proc/{child.pid}/wchan").read_text(encoding="ascii")


@contextmanager
def _waiting(host: Host, call: Callable[[], None]) -> Iterator[None]:
    child = host.child(call)
    try:
        eventually("the process waits", lambda: waits_in(child, "userfault"))
        yield
    finally:
        child.kill()
