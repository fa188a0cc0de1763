# SPDX-License-Identifier: GPL-2.0
"""A gap in the per-CPU memory, for the routes of groups to come.

When it takes from a chunk's largest free area, the kernel's allocator looks over the whole chunk,
2 MiB, in 12 000 instructions, and else it does not. A route takes twice 8 bytes of that memory, so
without the gap a first join would cost now this, now that, whoever does it.
"""

import ctypes
import os
import struct

AREAS = 24_000
BPF, BPF_MAP_CREATE, BPF_MAP_TYPE_PERCPU_HASH = 321, 0, 5
KEY, AREA = 4, 8


class Gap:
    """Lasts until it is closed."""

    def __init__(self) -> None:
        gap = _areas(AREAS)
        # Keeps the gap apart from the rest of the chunk.
        self._boundary = _areas(1)
        os.close(gap)

    def close(self) -> None:
        os.close(self._boundary)


def _areas(count: int) -> int:
    """A map that has allocated that many areas; it gives them back some time after it is closed."""
    library = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("=IIIII", BPF_MAP_TYPE_PERCPU_HASH, KEY, AREA, count, 0)
    fd = library.syscall(BPF, BPF_MAP_CREATE, attributes, len(attributes))
    assert fd >= 0, os.strerror(ctypes.get_errno())
    return fd
