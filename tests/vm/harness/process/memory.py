# SPDX-License-Identifier: GPL-2.0
"""The memory of a process."""

import ctypes
import os
import resource

MCL_CURRENT, MCL_FUTURE = 1, 2
LIBC = ctypes.CDLL(None, use_errno=True)


def lock_memory() -> None:
    """Have every page of the calling process now, those shared since a fork too: none faults later.

    Of root; it stays so when privilege is given up.
    """
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if LIBC.mlockall(MCL_CURRENT | MCL_FUTURE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
