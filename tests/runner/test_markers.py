# SPDX-License-Identifier: GPL-2.0
"""Which scenarios pytest chooses by their markers (tests/vm/conftest.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Of pytest, which found nothing to run.
NO_TESTS = 5
FLAP = "tests/vm/defects/test_b1_black_hole.py::test_group_returns_with_its_device"


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, str]:
    """The environment in which the modules are there; nobody loads them."""
    names = "anycast6", "anycast6_caller", "anycast6_foreign", "home_agent"
    files = [tmp_path / f"{name}.ko" for name in names]
    for file in files:
        file.touch()
    more = {"ANYCAST6_KO": str(files[0]), "ANYCAST6_CALLER_KO": str(files[1])}
    return os.environ | more | {"PYTHONPATH": str(PROJECT / "tests" / "vm")}


def collect(modules: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    return subprocess.run(
        argv, cwd=PROJECT, env=modules, capture_output=True, text=True, check=False
    )


def cases(modules: dict[str, str], marker: str) -> list[str]:
    done = collect(modules, "-m", marker, "tests/vm")
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def collect_text(modules: dict[str, str], tmp_path: Path, text: str) -> str:
    """What pytest says of a file with these tests, which it must refuse."""
    file = tmp_path / "test_some.py"
    file.write_text(f"import pytest\n\n{text}", encoding="utf-8")
    done = collect(modules, "-c", "pyproject.toml", "-p", "conftest", str(file))
    assert done.returncode not in (0, NO_TESTS)
    return done.stdout + done.stderr


def test_smoke(modules: dict[str, str]) -> None:
    """Of a test with both columns the module's alone, of one with more cases those it names."""
    chosen = cases(modules, "smoke")
    assert "tests/vm/wire/test_neighbour.py::test_link_local_group[module]" in chosen
    assert [case for case in chosen if "test_group_returns_with_its_device" in case] == [
        f"{FLAP}[module-down]"
    ]
    assert not [case for case in chosen if "builtin-c" in case]


def test_stress(modules: dict[str, str]) -> None:
    """It needs no marker in the file."""
    chosen = cases(modules, "stress")
    assert "tests/vm/stress/test_turmoil.py::test_invariant[module]" in chosen
    assert "tests/vm/wire/test_neighbour.py::test_link_local_group[module]" not in chosen


def test_same_in_c(modules: dict[str, str]) -> None:
    """What `make test` has and what it leaves to `make test-all` are all there is."""
    script = (PROJECT / "scripts" / "test").read_text(encoding="utf-8")
    assert "(-m 'not same_in_c')" in script
    had, left = cases(modules, "not same_in_c"), cases(modules, "same_in_c")
    assert sorted(had + left) == sorted(cases(modules, ""))
    assert "tests/vm/wire/test_neighbour.py::test_link_local_group[builtin-c]" in left
    assert not [case for case in left if "builtin-c" not in case]
    assert {case.replace("builtin-c", "module") for case in left} <= set(had)
    assert f"{FLAP}[builtin-c-down]" in had


def test_nothing_chosen(modules: dict[str, str]) -> None:
    done = collect(modules, "-m", "smoke and ordinary_kernel", "tests/vm")
    assert done.returncode == NO_TESTS


def test_unknown_marker(modules: dict[str, str], tmp_path: Path) -> None:
    text = "@pytest.mark.smok\ndef test_one() -> None: ...\n"
    assert "'smok' not found in `markers`" in collect_text(modules, tmp_path, text)


def test_smoke_of_a_case_that_is_not_there(modules: dict[str, str], tmp_path: Path) -> None:
    text = """\
@pytest.mark.smoke("up")
@pytest.mark.parametrize("name", ["down"])
def test_one(name: str) -> None: ...
"""
    assert "test_one has no case {'up'}" in collect_text(modules, tmp_path, text)
