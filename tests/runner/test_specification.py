# SPDX-License-Identifier: GPL-2.0
"""scripts/specification.py: a wrong specification, or files that are not made of it, are told."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from specification import FILES, SPECIFICATION

PROJECT = Path(__file__).resolve().parents[2]
TREE = PROJECT / "build/ynl"
HEADER, _, SOURCE = (one.file for one in FILES)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """With a copy of the specification and of the files that are made of it."""
    assert TREE.exists(), "run scripts/netlink --prepare first"
    for name in (SPECIFICATION, *(one.file for one in FILES)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, PROJECT / "scripts/specification.py", *options, TREE, project]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def texts(project: Path) -> dict[str, str]:
    return {one.file: (project / one.file).read_text(encoding="utf-8") for one in FILES}


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_project(project: Path) -> None:
    done = run(project, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_changed_specification(project: Path) -> None:
    """Each line that changes is shown; then the files are made anew, and all is well."""
    replace(project / SPECIFICATION, "exact-len: 16", "exact-len: 15")
    done = run(project, "--check")
    assert done.returncode == 1
    assert f"+++ {SOURCE}, made anew" in done.stderr
    assert "-	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16)," in done.stderr
    assert "+	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(15)," in done.stderr
    assert "run scripts/netlink" in done.stderr
    before = texts(project)
    assert run(project).returncode == 0
    assert texts(project) != before
    assert run(project, "--check").returncode == 0


@pytest.mark.parametrize("file", [one.file for one in FILES])
def test_edited_file(project: Path, file: str) -> None:
    before = (project / file).read_text(encoding="utf-8")
    (project / file).write_text(before + "#define MORE 1\n", encoding="utf-8")
    done = run(project, "--check")
    assert done.returncode == 1
    assert f"--- {file}\n" in done.stderr
    assert "-#define MORE 1" in done.stderr
    assert run(project).returncode == 0
    assert (project / file).read_text(encoding="utf-8") == before


def test_missing_file(project: Path) -> None:
    (project / HEADER).unlink()
    done = run(project, "--check")
    assert done.returncode == 1
    assert "+#define ANYCAST6_FAMILY_NAME" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("type: u32", "type: u33", "'u33' is not one of"),
        ("name: anycast6\n", "", "'name' is a required property"),
        ("mcgrp: groups", "mcgroup: groups", "'mcgroup' was unexpected"),
    ],
)
def test_against_the_schema(project: Path, old: str, new: str, complaint: str) -> None:
    before = texts(project)
    replace(project / SPECIFICATION, old, new)
    for options in ((), ("--check",)):
        done = run(project, *options)
        assert done.returncode == 1
        assert complaint in done.stderr
        assert "the kernel's schema refuses it" in done.stderr
    assert texts(project) == before


def test_other_licence(project: Path) -> None:
    """What the schema does not know, the generator refuses."""
    replace(project / SPECIFICATION, " OR BSD-3-Clause", "")
    done = run(project, "--check")
    assert done.returncode == 1
    assert "License must be" in done.stderr
