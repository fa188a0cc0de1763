# SPDX-License-Identifier: GPL-2.0
"""A task that sleeps in bind() for as long as one likes: somebody else has the socket lock.

That one is in setsockopt(), whose argument crosses from a page that is there to one that
userfaultfd provides, but never does. The kernel looks at the first bytes before it takes the lock.
"""

import ctypes
import fcntl
import mmap
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from harness.process.child import Child
from harness.sockopt.anycast import IPV6_JOIN_ANYCAST, mreq
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.wait import eventually

USERFAULTFD = 323
UFFDIO_API, UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00
UFFD_API, MODE_MISSING = 0xAA, 1
PAGE = mmap.PAGESIZE
HERE = 8  # bytes of the argument
PORT = 4245
LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def stuck_in_bind(host: Host) -> Iterator[Child]:
    """The one that sleeps in bind(), until the end of the block."""
    sock = host.open()
    keeper = host.child(lambda: _never_join(sock))
    eventually("the lock is taken", lambda: "handle_userfault" in keeper.stack())
    binder = host.child(lambda: sock.bind(("::", PORT)))
    sock.close()  # who looked at it would wait, too
    eventually("the lock is waited for", lambda: "lock_sock" in binder.stack())
    try:
        yield binder
    finally:
        keeper.kill()
        binder.result()


def _never_join(sock: socket.socket) -> None:
    argument = mreq(GROUP, IFINDEX)
    memory = mmap.mmap(-1, 2 * PAGE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    memory[PAGE - HERE : PAGE] = argument[:HERE]
    descriptor = LIBC.syscall(USERFAULTFD, os.O_CLOEXEC)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    fcntl.ioctl(descriptor, UFFDIO_API, struct.pack("=QQQ", UFFD_API, 0, 0))
    fcntl.ioctl(
        descriptor, UFFDIO_REGISTER, struct.pack("=QQQQ", start + PAGE, PAGE, MODE_MISSING, 0)
    )
    where = ctypes.c_void_p(start + PAGE - HERE)
    LIBC.setsockopt(sock.fileno(), socket.IPPROTO_IPV6, IPV6_JOIN_ANYCAST, where, len(argument))
