# SPDX-License-Identifier: GPL-2.0
"""Which of the kernel's own tests run, first all with built-in C and then all with the module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from harness.kernel import implementation as implementations
from kselftest.chosen import CHOSEN
from kselftest.outcome import Outcome, Run
from kselftest.script import Script

# By name of the script, then by implementation.
type Runs = dict[str, dict[str, Run]]
RUNS = pytest.StashKey[Runs]()
LISTED = {
    "fails with built-in C, too": {Outcome.FAIL, Outcome.XFAIL},
    "skipped by the kernel's script": {Outcome.SKIP},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--some", action="store_true", help="only those marked for it")
    parser.addoption("--script", action="append", metavar="NAME", help="only this one")
    parser.addoption("--logs", type=Path, metavar="DIR", help="where the outputs are kept")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUNS] = {}


def chosen(config: pytest.Config) -> list[Script]:
    """The scripts that were asked for."""
    names = config.getoption("--script")
    if unknown := set(names or ()) - {script.name for script in CHOSEN}:
        raise pytest.UsageError(f"no such script: {' '.join(sorted(unknown))}")
    if names:
        return [script for script in CHOSEN if script.name in names]
    return [script for script in CHOSEN if script.some or not config.getoption("--some")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    scripts = chosen(metafunc.config)
    metafunc.parametrize("script", scripts, ids=[script.name for script in scripts])


@pytest.fixture(scope="session", params=implementations.ALL)
def implementation(request: pytest.FixtureRequest) -> str:
    """The name of the implementation, which is live."""
    implementations.switch_to(request.param)
    return request.param


@pytest.fixture(scope="session", autouse=True)
def as_found() -> Iterator[None]:
    """The session ends with built-in C, as it began."""
    yield
    implementations.switch_to(implementations.BUILTIN_C)


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Runs:
    return request.config.stash[RUNS]


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Tell what was compared, and what was not."""
    terminalreporter.section("the kernel's own tests, with built-in C and with the module")
    for name, pair in config.stash[RUNS].items():
        terminalreporter.line(f"{name:40} {' / '.join(told(run) for run in pair.values())}")
    for words, outcomes in LISTED.items():
        for case in cases(config.stash[RUNS], outcomes):
            terminalreporter.line(f"{words}: {case}")


def told(run: Run) -> str:
    """One run in a few words."""
    passed = run.count(Outcome.PASS) + run.count(Outcome.REACHED)
    failed = run.count(Outcome.FAIL) + run.count(Outcome.XFAIL)
    skipped = run.count(Outcome.SKIP)
    return f"{passed:3} ok {failed:2} failed {skipped:2} skipped {run.seconds:4.0f} s"


def cases(runs: Runs, outcomes: set[Outcome]) -> list[str]:
    """Cases that say less about the module than they could."""
    return [
        f"{name}: {case.name}"
        for name, pair in runs.items()
        if implementations.BUILTIN_C in pair
        for case in pair[implementations.BUILTIN_C].cases
        if case.outcome in outcomes
    ]
