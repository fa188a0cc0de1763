# SPDX-License-Identifier: GPL-2.0
"""Giving up privilege, for good in a child process or for a while."""

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.sockopt import anycast
from harness.topology.host import Host

NOBODY = 65534
CAP_NET_ADMIN = 12
PR_SET_DUMPABLE = 4
CAPABILITY_VERSION_3 = 0x20080522
WORDS = struct.Struct("=IIIIII")  # effective, permitted, inheritable; low halves, then high ones
LIBC = ctypes.CDLL(None, use_errno=True)


def drop_net_admin() -> None:
    """Lose CAP_NET_ADMIN and nothing else."""
    words = _capabilities()
    words[0] &= ~(1 << CAP_NET_ADMIN)
    words[1] &= ~(1 << CAP_NET_ADMIN)
    _set_capabilities(words)


@contextmanager
def without_net_admin() -> Iterator[None]:
    """Do not use CAP_NET_ADMIN, in this thread."""
    before = _capabilities()
    words = list(before)
    words[0] &= ~(1 << CAP_NET_ADMIN)
    _set_capabilities(words)
    try:
        yield
    finally:
        _set_capabilities(before)


def become_nobody() -> None:
    """Be another user, without any capability."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # Else the files of the process in /proc, of which user namespaces are made, stay root's.
    _checked(LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))


def as_nobody(host: Host, action: Callable[[], object]) -> str:
    """What a system call of another user answers, on a host; sockets are the caller's."""

    def work() -> str:
        become_nobody()
        return anycast.result(action)

    return host.child(work).result()


def nobody_as_root_elsewhere() -> None:
    """Be nobody, but with all privileges in a user namespace of one's own."""
    become_nobody()
    root_of_user_namespace()


def nobody_as_owner() -> None:
    """The same, and in a network namespace of that user namespace."""
    nobody_as_root_elsewhere()
    os.unshare(os.CLONE_NEWNET)


def root_of_user_namespace() -> None:
    """Enter a new user namespace as its root; the network namespace stays the old one."""
    uid, gid = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1", encoding="ascii")


def _capabilities() -> list[int]:
    data = ctypes.create_string_buffer(WORDS.size)
    _checked(LIBC.capget(_capability_header(), data))
    return list(WORDS.unpack(data.raw))


def _set_capabilities(words: list[int]) -> None:
    _checked(LIBC.capset(_capability_header(), WORDS.pack(*words)))


def _capability_header() -> bytes:
    return struct.pack("=Ii", CAPABILITY_VERSION_3, 0)


def _checked(status: int) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
