# SPDX-License-Identifier: GPL-2.0
"""Which functions of the module allocate memory, by the kernel's tracepoints of its allocators."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.kernel.tracing import TRACEFS

INSTANCE = TRACEFS / "instances" / "allocations"
EVENTS = (
    "kmem/kmalloc",
    "kmem/kmem_cache_alloc",
    "kmem/mm_page_alloc",
    "percpu/percpu_alloc_percpu",
)
# Counts by call stack, in the kernel.
TRIGGER = "hist:keys=common_stacktrace:size=16384"
STACK = re.compile(r"\{ common_stacktrace:\n(.*?)\} hitcount:", re.DOTALL)
OF_MODULE = "[anycast6]"
# The module hands a SYN over to these, and what they allocate is for the connection. The allocator
# keeps what is freed in arrays, and may need another one.
KERNELS_OWN = ("tcp_conn_request", "tcp_v4_conn_request", "kfree", "kmem_cache_free")


class Allocations:
    """Since the beginning of the recording."""

    def by_module(self) -> list[str]:
        """The call stacks that lead from the module to an allocator, innermost function first."""
        stacks = [stack for event in EVENTS for stack in self._stacks(event)]
        return ["\n".join(stack) for stack in stacks if OF_MODULE in "".join(_own(stack))]

    def _stacks(self, event: str) -> Iterator[list[str]]:
        text = (INSTANCE / "events" / event / "hist").read_text(encoding="ascii")
        assert "Dropped: 0\n" in text, f"{event}: more call stacks than there is room for"
        for stack in STACK.findall(text):
            yield [line.strip() for line in stack.splitlines()]


@contextmanager
def recorded() -> Iterator[Allocations]:
    with ExitStack() as undo:
        INSTANCE.mkdir()
        undo.callback(INSTANCE.rmdir)
        for event in EVENTS:
            trigger = INSTANCE / "events" / event / "trigger"
            trigger.write_text(TRIGGER, encoding="ascii")
            undo.callback(_remove, trigger)
        yield Allocations()


def _remove(trigger: Path) -> None:
    trigger.write_text(f"!{TRIGGER}", encoding="ascii")


def _own(stack: list[str]) -> list[str]:
    """Without those functions of the kernel that answer for themselves, and who called them."""
    names = [line.partition("+")[0] for line in stack]
    ends = [names.index(name) for name in KERNELS_OWN if name in names]
    return stack[: min(ends, default=len(stack))]
