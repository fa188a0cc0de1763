# SPDX-License-Identifier: GPL-2.0
"""The tracepoints of group anycast6, recorded by way of tracefs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TRACEFS = Path("/sys/kernel/tracing")
EVENTS = TRACEFS / "events" / "anycast6"
# "   python3-123     [001] .....    12.345678: join: dev=..."
LINE = re.compile(r"\s\d+\.\d+: (\w+): (.*)$")


class Trace:
    """A trace buffer of one's own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def events(self) -> list[str]:
        """Everything recorded so far, oldest first, as "join: dev=..."."""
        text = (self._directory / "trace").read_text(encoding="ascii")
        found = (LINE.search(line) for line in text.splitlines() if not line.startswith("#"))
        return [f"{match[1]}: {match[2]}" for match in found if match]

    def filter(self, event: str, condition: str, *, group: str = "anycast6") -> None:
        file = self._directory / "events" / group / event / "filter"
        file.write_text(condition, encoding="ascii")

    def clear(self) -> None:
        (self._directory / "trace").write_text("", encoding="ascii")


@contextmanager
def recorded(selection: str = "anycast6:*") -> Iterator[Trace]:
    """Record what `selection` names, in the syntax of set_event."""
    directory = TRACEFS / "instances" / "anycast6-scenario"
    directory.mkdir()
    try:
        (directory / "set_event").write_text(selection, encoding="ascii")
        yield Trace(directory)
    finally:
        (directory / "set_event").write_text("", encoding="ascii")
        directory.rmdir()


def names() -> list[str]:
    """The tracepoints that there are."""
    return sorted(path.name for path in EVENTS.iterdir() if path.is_dir())


def fields(event: str) -> list[tuple[str, str]]:
    """Type and name of what an event carries, but for what all events do."""
    text = (EVENTS / event / "format").read_text(encoding="ascii")
    declared = re.findall(r"field:([^;]+);", text)
    pairs = [declaration.rpartition(" ")[::2] for declaration in declared]
    return [pair for pair in pairs if not pair[1].startswith("common_")]
