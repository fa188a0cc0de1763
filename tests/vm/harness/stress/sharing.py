# SPDX-License-Identifier: GPL-2.0
"""Sessions in several VMs that share the scenarios: who is free takes the next ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Sharing:
    """Scenarios of one `key` go together: to the one who makes their directory in `taken`."""

    def __init__(self, taken: Path, key: Callable[[pytest.Item], str]) -> None:
        self._taken = taken
        self._key = key
        self._others: list[pytest.Item] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """In the place of pytest's own, which has all of them run."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        mine = self._take(session.items)
        item = next(mine, None)
        while item:
            following = next(mine, None)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        session.config.hook.pytest_deselected(items=self._others)
        return True

    def _take(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        """Those that nobody else has taken when it is their turn."""
        groups = defaultdict(list)
        for item in items:
            groups[self._key(item)].append(item)
        for key, group in groups.items():
            try:
                (self._taken / key).mkdir()
            except FileExistsError:
                self._others += group
            else:
                yield from group
