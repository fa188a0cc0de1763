# SPDX-License-Identifier: GPL-2.0
"""Skips that are expected, and others (tests/vm/harness/skips.py)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import skips
from harness.skips import EXPECTED, Skip, Skips

pytest_plugins = ["pytester"]

SCENARIOS = Path(__file__).resolve().parents[1] / "vm"

TESTS = """
import pytest

def test_always():
    pytest.skip("no means")

@pytest.mark.skipif(True, reason="no means")
def test_marked():
    pass

@pytest.fixture
def means():
    pytest.skip("no means")

def test_fixture(means):
    pass

def test_never():
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Runs TESTS on a stock kernel, if it is no other, where these may be skipped."""
    pytester.makepyfile(test_some=TESTS)

    def run(*names: str, kernel: str | None = "stock", sometimes: bool = False) -> pytest.RunResult:
        expected = [Skip(f"test_some.py::{name}", "stock", "", sometimes) for name in names]
        return pytester.runpytest_inprocess("-rfE", plugins=[Skips(kernel, expected)])

    return run


def told(result: pytest.RunResult) -> list[str]:
    """Of which tests the run says that they were not skipped."""
    return [line.partition(":: ")[0] for line in result.outlines if "was to be skipped" in line]


def test_expected(run: Callable[..., pytest.RunResult]) -> None:
    result = run("test_always", "test_marked", "test_fixture")
    result.assert_outcomes(passed=1, skipped=3)
    assert (result.ret, told(result)) == (0, [])


def test_unexpected(run: Callable[..., pytest.RunResult]) -> None:
    """By whatever means: each of them fails, and says why it was skipped."""
    result = run()
    result.assert_outcomes(passed=1, failed=1, errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.stdout.str().count("no means: no skip that is expected on the stock kernel") == 3


def test_expected_on_another_kernel(run: Callable[..., pytest.RunResult]) -> None:
    run("test_always", kernel="debug").assert_outcomes(passed=1, failed=1, errors=2)


def test_unknown_kernel(run: Callable[..., pytest.RunResult]) -> None:
    run(kernel=None).assert_outcomes(passed=1, skipped=3)


@pytest.mark.parametrize("sometimes", [False, True])
def test_needless(run: Callable[..., pytest.RunResult], sometimes: bool) -> None:
    """The run tells of it unless that is to be expected."""
    result = run("test_", sometimes=sometimes)
    assert result.ret == 0
    assert len(told(result)) == (0 if sometimes else 1)


def test_names_of_kernels() -> None:
    names = "7.3.4+deb13-amd64", "7.3.4-anycast6-debug", "7.3.4-anycast6-kcsan", "6.1.0"
    assert [skips.kernel(name) for name in names] == ["stock", "debug", None, None]


def test_listed_scenarios_are_there() -> None:
    for skip in EXPECTED:
        file, _, name = skip.test.partition("::")
        text = (SCENARIOS / file).read_text(encoding="utf-8")
        assert f"def {name.partition('[')[0]}" in text, skip
