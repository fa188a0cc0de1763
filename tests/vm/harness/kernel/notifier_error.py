# SPDX-License-Identifier: GPL-2.0
"""Changes of devices that somebody who is asked refuses, in the debug kernel."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACTIONS = Path("/sys/kernel/debug/notifier-error-inject/netdev/actions")


@contextmanager
def refused(action: str) -> Iterator[None]:
    """Each change of a device that is told of as `action` fails with ENOMEM."""
    file = ACTIONS / action / "error"
    file.write_text(str(-errno.ENOMEM), encoding="ascii")
    try:
        yield
    finally:
        file.write_text("0", encoding="ascii")
