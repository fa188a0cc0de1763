# SPDX-License-Identifier: GPL-2.0
"""scripts/rooms: imports of src/ go one way."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A copy of src/."""
    return Path(shutil.copytree(PROJECT / "src", tmp_path / "src"))


def rooms(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, PROJECT / "scripts/rooms", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def plant(file: Path, line: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + line, encoding="utf-8")


def test_project() -> None:
    done = rooms()
    assert (done.returncode, done.stderr) == (0, "")
    assert "anycast6 > variant > entry > show > group > publish > store > sys" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("sys/net.rs", "use crate::group::registry;", "group/registry.rs"),
        (
            "sys/net.rs",
            "use crate::{\n    bindings,\n    group::{\n        self, //\n    },\n};",
            "group/mod.rs",
        ),
        ("decide/pass.rs", "fn f() { crate::sys::net::may_log(); }", "sys/net.rs"),
        ("publish/observe.rs", "use super::super::show::debugfs;", "show/debugfs.rs"),
        ("bindings/symbols.rs", "use crate::store::index;", "store/index.rs"),
    ],
)
def test_import_of_what_is_above(src: Path, file: str, line: str, complaint: str) -> None:
    plant(src / file, line)
    done = rooms(src)
    assert done.returncode == 1
    assert f"{file} imports {complaint}, which is above it" in done.stderr


def test_comment_is_no_import(src: Path) -> None:
    plant(src / "sys/net.rs", "// use crate::group::registry;\n/// [`crate::group`]\n")
    assert rooms(src).returncode == 0


def test_circle_within_a_room(src: Path) -> None:
    plant(src / "group/ownership.rs", "use super::registry;")
    done = rooms(src)
    assert done.returncode == 1
    assert "a circle: " in done.stderr
    assert "group/ownership.rs" in done.stderr


def test_room_without_a_place(src: Path) -> None:
    (src / "attic").mkdir()
    (src / "attic/mod.rs").touch()
    done = rooms(src)
    assert done.returncode == 1
    assert "no place in the order: attic" in done.stderr


def test_no_rust(tmp_path: Path) -> None:
    done = rooms(tmp_path)
    assert (done.returncode, "no Rust" in done.stderr) == (1, True)


def test_bad_arguments() -> None:
    assert rooms("--unknown").returncode == 2
    assert "Check that imports" in rooms("--help").stdout
