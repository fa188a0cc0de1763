# SPDX-License-Identifier: GPL-2.0
"""Scenarios that several VMs share (tests/vm/harness/stress/sharing.py)."""

from pathlib import Path

import pytest

from harness.stress.sharing import Sharing

pytest_plugins = ["pytester"]

FILES = ("one", "two", "three")


@pytest.fixture
def taken(pytester: pytest.Pytester) -> Path:
    """Files of two tests each, which note that they were run."""
    for name in FILES:
        pytester.makepyfile(
            **{
                f"test_{name}": f"""
                import pytest

                @pytest.mark.parametrize("number", [1, 2])
                def test(number):
                    with open("ran", "a") as ran:
                        print("{name}", number, file=ran)
                    assert "{name}" != "three"
            """
            }
        )
    return pytester.mkdir("taken")


def run(pytester: pytest.Pytester, taken: Path, *arguments: str) -> tuple[int, list[str]]:
    """What a session returned, and which tests it ran."""
    ran = pytester.path / "ran"
    ran.write_text("")
    sharing = Sharing(taken, lambda item: item.path.stem)
    result = pytester.inline_run(*arguments, plugins=[sharing])
    return result.ret, ran.read_text().splitlines()


def test_all_of_a_file_or_nothing(pytester: pytest.Pytester, taken: Path) -> None:
    (taken / "test_three").mkdir()
    assert run(pytester, taken) == (0, ["one 1", "one 2", "two 1", "two 2"])
    assert run(pytester, taken) == (0, [])


def test_failure_is_his_who_took_it(pytester: pytest.Pytester, taken: Path) -> None:
    (taken / "test_one").mkdir()
    (taken / "test_two").mkdir()
    assert run(pytester, taken) == (1, ["three 1", "three 2"])


def test_first_failure_ends_it(pytester: pytest.Pytester, taken: Path) -> None:
    (taken / "test_one").mkdir()
    (taken / "test_two").mkdir()
    status, ran = run(pytester, taken, "--exitfirst")
    assert (status, ran) == (1, ["three 1"])


def test_error_of_a_file_ends_it(pytester: pytest.Pytester, taken: Path) -> None:
    pytester.makepyfile(test_four="import nothing")
    assert run(pytester, taken) == (pytest.ExitCode.INTERRUPTED, [])
    assert list(taken.iterdir()) == []
