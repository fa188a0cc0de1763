# SPDX-License-Identifier: GPL-2.0
"""scripts/rooms: imports of src/ go one way, and unsafe code has its rooms and reasons."""

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


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("group/by.rs", "fn f() { unsafe { core::hint::unreachable_unchecked() } }\n"),
        ("publish/observe.rs", "unsafe impl Send for X {}\n"),
        ("entry/syn.rs", "pub(crate) unsafe fn f() {}\n"),
        ("show/stat.rs", 'unsafe extern "C" {}\n'),
        ("decide/pass.rs", "fn f() {\n    // SAFETY: Nobody calls it.\n    unsafe {}\n}\n"),
        ("anycast6.rs", "#[unsafe(no_mangle)]\nfn f() {}\n"),
    ],
)
def test_unsafe_code_above_the_store(src: Path, file: str, code: str) -> None:
    before = (src / file).read_text(encoding="utf-8")
    plant(src / file, code)
    done = rooms(src)
    assert done.returncode == 1
    line = before.count("\n") + 1 + code[: code.index("unsafe")].count("\n")
    assert f"{file}:{line}: unsafe code" in done.stderr


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("store/index.rs", "// SAFETY: Nobody calls it.\nunsafe fn f() {}\n"),
        ("group/by.rs", "// unsafe\n/// unsafe code\n"),
        ("group/by.rs", "lock! { unsafe(uninit) static X: Mutex<()> = (); }\n"),
        ("group/by.rs", "#![forbid(unsafe_code)]\n"),
    ],
)
def test_unsafe_code_in_its_place(src: Path, file: str, code: str) -> None:
    plant(src / file, code)
    assert rooms(src).returncode == 0


@pytest.mark.parametrize(
    "reason",
    [
        "As above.",
        "The device is alive, as above.",
        "As above; a route's pointer is not null.",
        "As below.",
        "As promised.",
        "As in `find()`.",
        "As the caller promises.",
        "As the caller and the implementation promise.",
        "The caller promises it.",
        "The caller promises all of that.",
        "By the invariant.",
        "By the invariant; the charge is the one of the allocation.",
        "By the\n    // invariant.",
        "By the invariants of both types; the list owns the memory from now on.",
        "By our contract.",
        "",
    ],
)
def test_safety_without_a_reason(src: Path, reason: str) -> None:
    plant(src / "sys/net.rs", f"fn f() {{\n    // SAFETY: {reason}\n    unsafe {{}}\n}}\n")
    done = rooms(src)
    assert done.returncode == 1
    assert "a SAFETY comment that names no reason: " in done.stderr
    assert "sys/net.rs:" in done.stderr


@pytest.mark.parametrize(
    "reason",
    [
        "The socket is locked: `self` is the proof.",
        "The hash is initialised, by the invariant of `Hashes`.",
        "The caller promises that this is called once.",
        "The device is alive.\n    // It is in the list.",
    ],
)
def test_safety_with_a_reason(src: Path, reason: str) -> None:
    plant(src / "sys/net.rs", f"fn f() {{\n    // SAFETY: {reason}\n    unsafe {{}}\n}}\n")
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
