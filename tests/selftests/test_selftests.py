# SPDX-License-Identifier: GPL-2.0
"""Programs that know nothing of groups do not notice the module.

The kernel's tests of sockets, addresses, neighbours and VRFs give the same results with built-in
C and with the module: exit status, and each case. scripts/test-kernel builds and runs them.
"""

from pathlib import Path

import pytest

from harness.kernel import implementation as implementations
from kselftest import runner, verdict
from kselftest.outcome import Run
from kselftest.script import Script


@pytest.fixture
def logs(request: pytest.FixtureRequest) -> Path | None:
    return request.config.getoption("--logs")


def test_alike(
    script: Script, implementation: str, runs: dict[str, dict[str, Run]], logs: Path | None
) -> None:
    pair = runs.setdefault(script.name, {})
    pair[implementation] = run = observed(script, implementation, logs)
    succeed(verdict.of_run(run))
    if implementation == implementations.MODULE:
        assert implementations.BUILTIN_C in pair, "there is nothing to compare with"
        builtin_c = pair[implementations.BUILTIN_C]
        succeed(verdict.of_pair(builtin_c, run, lambda: observed(script, implementation, logs)))
    if run.skipped():
        pytest.skip(script.skips or "")


def observed(script: Script, implementation: str, logs: Path | None) -> Run:
    run = runner.run(script)
    if logs:
        (logs / f"{script.name}.{implementation}.log").write_text(run.output, encoding="utf-8")
    return run


def succeed(problem: str | None) -> None:
    if problem:
        pytest.fail(problem, pytrace=False)
