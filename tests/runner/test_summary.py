# SPDX-License-Identifier: GPL-2.0
"""scripts/test-summary, and the reports that it reads (tests/vm/harness/reports.py)."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.reports import Reports

pytest_plugins = ["pytester"]

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "test-summary"
TESTS = """
import os, time
import pytest

@pytest.fixture
def bad():
    raise OSError

@pytest.fixture
def bad_end():
    yield
    raise OSError

def test_passes(): pass
def test_slow(): time.sleep(0.2)
def test_fails(): assert 0
def test_skips(): pytest.skip()
def test_error(bad): pass
def test_passes_and_error(bad_end): pass
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.xfail
def test_xpasses(): pass
"""


class Plugin:
    """Reports, which needs the configuration."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(Reports(self._path, config))


Run = Callable[..., str]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Pytest's own last line, of TESTS without some; its reports are in NAME.jsonl."""
    pytester.makepyfile(TESTS)

    def run(name: str, *arguments: str) -> str:
        plugin = Plugin(pytester.path / f"{name}.jsonl")
        return pytester.runpytest_inprocess(*arguments, plugins=[plugin]).outlines[-1]

    return run


def summary(directory: Path, *names: str, seconds: str = "1.00") -> list[str]:
    files = [directory / f"{name}.jsonl" for name in names]
    argv = [SCRIPT, seconds, *files]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()


def without_time(line: str) -> str:
    return re.sub(r"in [\d.]+s|=", "", line)


def test_numbers_are_those_of_pytest(pytester: pytest.Pytester, run: Run) -> None:
    line = run("one")
    assert "1 failed, 3 passed, 1 skipped, 1 xfailed, 1 xpassed, 2 errors" in line
    assert without_time(summary(pytester.path, "one")[-1]) == without_time(line)


def test_two_are_added(pytester: pytest.Pytester, run: Run) -> None:
    run("one", "-k", "slow or skips or fails")
    run("two", "-k", "test_passes")
    assert summary(pytester.path, "one", "two", seconds="75.50")[-1].strip("=") == (
        " 1 failed, 3 passed, 1 skipped, 1 xfailed, 1 error in 75.50s (0:01:15) "
    )


def test_slowest_come_first(pytester: pytest.Pytester, run: Run) -> None:
    run("one")
    head, first, *rest = summary(pytester.path, "one")
    title = " slowest 10 scenarios, and for how long the processors were busy "
    assert head.strip("=") == title
    seconds, busy, scenario = first.split()
    assert scenario.endswith("::test_slow")
    assert float(seconds.removesuffix("s")) >= 0.2
    assert re.fullmatch(r"\d+\.\d\ds", busy)
    assert len(rest) == 7 + 1


def test_busy_times_are_added(tmp_path: Path) -> None:
    """Those of set-up, call and teardown; old reports have none."""
    lines = [
        {"scenario": "one", "when": when, "seconds": 1} for when in ("setup", "call", "teardown")
    ]
    for line, busy in zip(lines, (0.25, 1.5), strict=False):
        line["busy"] = busy
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "one.jsonl").write_text(text, encoding="utf-8")
    assert summary(tmp_path, "one")[1].split() == ["3.00s", "1.75s", "one"]


def test_end_of_the_machine(pytester: pytest.Pytester, run: Run) -> None:
    """What did not end is an error; the VM that never began has no file."""
    run("one", "-k", "passes")
    file = pytester.path / "one.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:2]), encoding="utf-8")
    *_, ended, last = summary(pytester.path, "one", "two")
    assert ended.startswith("one: the VM ended in test_")
    assert last.strip("=") == " 1 error in 1.00s "


def test_nothing_was_run(pytester: pytest.Pytester) -> None:
    assert summary(pytester.path, "one")[-1].strip("=") == " no tests ran in 1.00s "
