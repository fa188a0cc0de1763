# SPDX-License-Identifier: GPL-2.0
"""scripts/version: module, CHANGELOG.md and tags agree, or it says which does not."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
RELEASED = "## 0.2.0 - 2027-02-01\n\n- Something.\n\n## 0.1.0 - 2027-01-01\n\n- All.\n"
UNRELEASED = "## Unreleased\n\n" + RELEASED

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs it where the version and CHANGELOG.md are these."""

    def run(version: str, changelog: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "scripts").mkdir()
        (tmp_path / "src/bindings").mkdir(parents=True)
        script = shutil.copy(PROJECT / "scripts/version", tmp_path / "scripts")
        (tmp_path / "src/bindings/version.c").write_text(f'MODULE_VERSION("{version}");\n')
        (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n" + changelog)
        return subprocess.run([script, *arguments], capture_output=True, text=True, check=False)

    return run


def test_prints_it(run: Run) -> None:
    result = run("0.3.0-dev", UNRELEASED)
    assert (result.stdout, result.stderr, result.returncode) == ("0.3.0-dev\n", "", 0)


@pytest.mark.parametrize(
    ("version", "changelog", "tags"),
    [
        ("0.3.0-dev", UNRELEASED, ["--tags", "v0.1.0", "v0.2.0"]),
        ("0.3.0-dev", UNRELEASED, ["--tags", "v0.1.0", "a-note", "--here", "a-note"]),
        ("0.2.0", RELEASED, ["--tags", "v0.1.0", "v0.2.0", "--here", "v0.2.0"]),
        ("0.2.0", RELEASED, ["--tags", "v0.1.0", "--here"]),
        ("0.1.0-dev", "## Unreleased\n", ["--tags", "--here"]),
    ],
)
def test_agreement(run: Run, version: str, changelog: str, tags: list[str]) -> None:
    result = run(version, changelog, "--check", version, *tags)
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("version", "changelog", "arguments", "complaint"),
    [
        ("0.3.0-dev", UNRELEASED, ["0.2.0"], "modinfo: the module is of version 0.2.0,"),
        ("0.3.0-dev", UNRELEASED, [""], "modinfo: the module is of version none,"),
        ("0.3", UNRELEASED, ["0.3"], "0.3 is neither X.Y.Z nor X.Y.Z-dev"),
        ("0.3.0-dev", RELEASED, ["0.3.0-dev"], "lacks the section Unreleased"),
        ("0.2.0-dev", UNRELEASED, ["0.2.0-dev"], "0.2.0-dev does not come after the newest"),
        ("0.2.0", UNRELEASED, ["0.2.0"], "does not begin with the release 0.2.0"),
        ("0.2.1", RELEASED, ["0.2.1"], "does not begin with the release 0.2.1"),
        ("0.2.0", RELEASED + "\n## 0.0.9\n", ["0.2.0"], "the heading 0.0.9 is not of the form"),
        ("0.2.0", RELEASED + RELEASED, ["0.2.0"], "or one comes twice"),
        ("0.3.0-dev", UNRELEASED, ["0.3.0-dev", "--tags", "v0.3.0"], "the tag v0.3.0 names no"),
        ("0.3.0-dev", UNRELEASED, ["0.3.0-dev", "--tags", "v1"], "the tag v1 names no release"),
        ("0.3.0-dev", UNRELEASED, ["0.3.0-dev", "--here", "v0.2.0"], "of version 0.3.0-dev"),
    ],
)
def test_difference(
    run: Run, version: str, changelog: str, arguments: list[str], complaint: str
) -> None:
    result = run(version, changelog, "--check", *arguments)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert complaint in line
