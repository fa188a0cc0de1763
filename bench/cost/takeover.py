# SPDX-License-Identifier: GPL-2.0
"""Takeover and hand-back: what the module does in one go with the groups that there are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.kernel import implementation

TRACEFS = Path("/sys/kernel/tracing")


@dataclass(frozen=True)
class Work:
    """What the module does between the return of a kernel function and a line in the log."""

    function: str
    log: str
    leads_to: str


# By the first all tasks have been waited for. After the second no task moves before the line.
TAKEOVER = Work("schedule_on_each_cpu", "anycast6: took over", implementation.MODULE)
HAND_BACK = Work("klp_init_transition", "starting unpatching", implementation.BUILTIN_C)


def measure(work: Work) -> int:
    """Load or unload the module, and say what its work on the groups costs."""
    with _recorded(work) as trace:
        implementation.switch_to(work.leads_to)
        text = trace.read_text(encoding="ascii")
    (ended,) = map(int, re.findall(rf" (\d+): console: .*{work.log}", text))
    begun = max(time for time in map(int, re.findall(r" (\d+): begin: ", text)) if time < ended)
    return ended - begun


@contextmanager
def _recorded(work: Work) -> Iterator[Path]:
    """Record the function's returns, and the log."""
    events, instance = TRACEFS / "kprobe_events", TRACEFS / "instances/cost"
    events.write_text(f"r:cost/begin {work.function}", encoding="ascii")
    instance.mkdir()
    try:
        (instance / "trace_clock").write_text("x86-tsc", encoding="ascii")
        (instance / "set_event").write_text("cost:begin printk:console", encoding="ascii")
        yield instance / "trace"
    finally:
        (instance / "set_event").write_text("", encoding="ascii")
        instance.rmdir()
        events.write_text("", encoding="ascii")
