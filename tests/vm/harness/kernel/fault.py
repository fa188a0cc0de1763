# SPDX-License-Identifier: GPL-2.0
"""Allocations that fail: the nth one of a system call, in the debug kernel."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

FAIL_NTH = Path("/proc/thread-self/fail-nth")
FAILSLAB = Path("/sys/kernel/debug/failslab")
# Where modules are, in a kernel that is not moved about (no CONFIG_RANDOMIZE_BASE).
MODULES = "0xffffffffa0000000", "0xffffffffff000000"
EVERYWHERE = "0", "0xffffffffffffffff"
# It keeps the debug kernel's own books, and says that they are worth nothing without memory.
TRACKER = "ref_tracker_alloc"
SYMBOLS = Path("/proc/kallsyms")


class Outcome(NamedTuple):
    """`answer`: "OK" or the errno's name. `injected`: there were n allocations."""

    answer: str
    injected: bool


@contextmanager
def failing(
    *, below_module: bool, not_below: str = TRACKER
) -> Iterator[Callable[[int, Callable[[], object]], Outcome]]:
    """Gives a function that does something while the nth allocation fails; it may sleep, too.

    `below_module`: only allocations by a module count, and those that the kernel makes for it.
    `not_below`: those that this function of the kernel makes, or has made, do not.
    """
    start, end = MODULES if below_module else EVERYWHERE
    reject_start, reject_end = _extent(not_below)
    _set("ignore-gfp-wait", "N")
    _set("verbose", "0")
    _set("stacktrace-depth", "32")
    _set("require-start", start)
    _set("require-end", end)
    _set("reject-start", reject_start)
    _set("reject-end", reject_end)
    fail_nth = os.open(FAIL_NTH, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield lambda nth, action: _inject(fail_nth, nth, action)
    finally:
        os.close(fail_nth)


def _inject(fail_nth: int, nth: int, action: Callable[[], object]) -> Outcome:
    answer = "OK"
    os.pwrite(fail_nth, b"%d" % nth, 0)
    try:
        action()
    except OSError as error:
        answer = errno.errorcode[error.errno or 0]
    left = int(os.pread(fail_nth, 16, 0))
    os.pwrite(fail_nth, b"0", 0)
    return Outcome(answer, injected=left == 0)


def _extent(function: str) -> tuple[str, str]:
    """From where to where it lies: as far as the next symbol."""
    symbols = [line.split()[:3] for line in SYMBOLS.read_text(encoding="ascii").splitlines()]
    (start,) = {int(address, 16) for address, _, name in symbols if name == function}
    end = min(address for address in (int(symbol[0], 16) for symbol in symbols) if address > start)
    return hex(start), hex(end)


def _set(name: str, value: str) -> None:
    (FAILSLAB / name).write_text(value, encoding="ascii")
