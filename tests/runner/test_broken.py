# SPDX-License-Identifier: GPL-2.0
"""tests/broken and scripts/test-broken without a VM: heads, choice, builds, verdicts."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pretended
import pytest
from pretended import PROJECT

from broken import choice, defect, job, tree, verdict
from broken.defect import Defect, DefectError
from broken.machine import Outcome

STOCK = [known for known in defect.all_of(PROJECT / "tests" / "broken") if known.kernel == "stock"]
HEAD = """\
SPDX-License-Identifier: GPL-2.0

Two words are
the other way round.

Kernel: stock
Run: --implementation module tests/vm/observe/test_proc.py -k 'one or other'
Shows: ^FAILED tests/vm
"""
PATCH = """\
---
--- a/src/word.rs
+++ b/src/word.rs
@@ -1,2 +1,2 @@
-one
-two
+two
+one
"""
MODULES = "anycast6", "anycast6_caller", "anycast6_foreign", "home_agent"


def written(directory: Path, head: str = HEAD, patch: str = PATCH) -> Path:
    file = directory / "some.patch"
    file.write_text(head + patch, encoding="utf-8")
    return file


@pytest.fixture
def some(tmp_path: Path) -> Defect:
    return defect.read(written(tmp_path))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """To which the patch applies."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "word.rs").write_text("one\ntwo\n", encoding="utf-8")
    scenario = tmp_path / "tests" / "vm" / "observe" / "test_proc.py"
    scenario.parent.mkdir(parents=True)
    scenario.touch()
    return tmp_path


@pytest.mark.parametrize("name", [path.stem for path in (PROJECT / "tests/broken").glob("*.patch")])
def test_patch_of_the_project(name: str) -> None:
    """It has a complete head, it applies, and the files of its scenarios are there."""
    known = defect.read(PROJECT / "tests" / "broken" / f"{name}.patch")
    defect.check(known, PROJECT)
    assert known.about.endswith(".")


def test_scenarios_of_the_project(tmp_path: Path) -> None:
    """Each `Run:` names tests that there are, and that its options choose."""
    for name in MODULES:
        (tmp_path / f"{name}.ko").touch()
    environment = os.environ | {
        "ANYCAST6_KO": str(tmp_path / "anycast6.ko"),
        "ANYCAST6_CALLER_KO": str(tmp_path / "anycast6_caller.ko"),
    }
    for sound in job.without_defect(STOCK):
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *sound.arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        chosen = done.stdout.splitlines()
        for scenario in (word for word in sound.arguments if word.startswith("tests/")):
            assert any(line.startswith(scenario) for line in chosen), scenario


def test_head(some: Defect) -> None:
    assert some.name == "some"
    assert some.about == "Two words are the other way round."
    assert (some.kernel, some.seconds, some.alone) == ("stock", 900, False)
    assert some.scenarios == ("tests/vm/observe/test_proc.py",)
    assert some.options == ("--implementation", "module", "-k", "one or other")


def test_head_of_one_that_hangs(tmp_path: Path) -> None:
    some = defect.read(written(tmp_path, HEAD + "Seconds: 180\nBoot: alone\n"))
    assert (some.seconds, some.alone) == (180, True)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("SPDX", "spdx", "does not begin with"),
        ("Kernel: stock", "Kernel: other", "neither stock nor debug"),
        ("Kernel: stock\n", "", "no line 'Kernel:'"),
        ("Shows: ^FAILED tests/vm\n", "", "no line 'Shows:'"),
        ("Shows: ^FAILED", "Shows: (FAILED", "unterminated"),
        ("Run: --implementation module tests/vm/observe/test_proc.py", "Run: ", "names no file"),
        ("Shows: ", "Shown: ", "no field"),
        ("Kernel: stock", "Kernel: stock\nKernel: stock", "twice"),
        ("Kernel: stock", "Boot: together\nKernel: stock", "not 'alone'"),
        ("Kernel: stock", "Seconds: many\nKernel: stock", "invalid literal"),
        ("round.\n\n", "round.\n", "the head is not"),
    ],
)
def test_bad_head(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in HEAD
    with pytest.raises(DefectError, match=complaint) as error:
        defect.read(written(tmp_path, HEAD.replace(old, new)))
    assert "tests/broken/some.patch" in str(error.value)


def test_patch_applies(some: Defect, project: Path) -> None:
    defect.check(some, project)
    assert (project / "src/word.rs").read_text(encoding="utf-8") == "one\ntwo\n"


def test_patch_that_no_longer_applies(some: Defect, project: Path) -> None:
    (project / "src/word.rs").write_text("one\nand two\n", encoding="utf-8")
    with pytest.raises(DefectError, match="no longer applies"):
        defect.check(some, project)


def test_scenario_that_is_gone(some: Defect, project: Path) -> None:
    (project / "tests/vm/observe/test_proc.py").unlink()
    with pytest.raises(DefectError, match="no such file"):
        defect.check(some, project)


def test_choice_by_name() -> None:
    first, second = STOCK[:2]
    assert choice.named(STOCK, []) == STOCK
    assert choice.named(STOCK, [second.name, first.name]) == [second, first]
    with pytest.raises(DefectError, match=r"no unknown\.patch"):
        choice.named(STOCK, ["unknown"])


def test_choice_by_kernel(some: Defect) -> None:
    slow = replace(some, name="slow", kernel="debug")
    assert choice.named([some, slow], ["debug"]) == [slow]
    with pytest.raises(DefectError, match="unknown argument"):
        choice.named([some, slow], ["stock", "slow"])


@pytest.mark.parametrize("count", [1, 4, 7, 1000])
def test_turns_go_through_all_for_the_stock_kernel(some: Defect, count: int) -> None:
    known = [*STOCK, replace(some, name="slow", kernel="debug")]
    chosen = [choice.some(known, count, turn) for turn in range(len(STOCK))]
    assert {len(turn) for turn in chosen} == {min(count, len(STOCK))}
    assert all(len({one.name for one in turn}) == len(turn) for turn in chosen)
    assert {one.name for turn in chosen for one in turn} == {one.name for one in STOCK}


def test_scenarios_without_a_defect_run_once(some: Defect) -> None:
    """Those with the same options together."""
    proc, stat = "tests/vm/observe/test_proc.py", "tests/vm/observe/test_stat.py"
    runs = [("-k", "one", proc), (proc,), (stat,), (stat, proc)]
    defects = [replace(some, run=run) for run in runs]
    alone, together = job.without_defect(defects)
    assert alone.arguments == (proc, "-k", "one")
    assert together.arguments == (proc, stat)
    assert (together.seconds, together.module) == (3 * some.seconds, None)


def seen(**of: object) -> Outcome:
    return replace(Outcome(status=1, output="FAILED tests/vm/a.py::test_b - assert 1 == 2\n"), **of)


@pytest.mark.parametrize(
    ("outcome", "caught", "by"),
    [
        (seen(), True, "tests/vm/a.py::test_b"),
        (seen(output="ERROR tests/vm/a.py::test_b\n"), False, "another message"),
        (seen(output="FAILED other.py::test_b\n"), False, "another message"),
        (seen(status=0, output="1 passed\n"), False, "the scenarios pass"),
        (seen(status=5, output="no tests ran\n"), False, "could not run them"),
        (seen(status=None, output=""), False, "did not end"),
        (seen(status=None, output="", complaint="BUG: x", log=["BUG: x"]), False, "another"),
        (seen(status=0, log=["FAILED tests/vm/by-the-kernel"], complaint="BUG: x"), True, "BUG: x"),
    ],
)
def test_verdict(some: Defect, outcome: Outcome, caught: bool, by: str) -> None:
    found = verdict.judge(some, outcome)
    assert found.caught == caught
    assert by in found.by


def test_build(some: Defect, tmp_path: Path) -> None:
    """With the defect, from a tree that has the sources again afterwards, with a new time."""
    project, copy = pretended.project(tmp_path / "project", "one\ntwo\n"), tmp_path / "copy"
    module = tmp_path / "some.ko"
    source = copy / "src" / "word.rs"
    began = time.time() - 1
    os.utime(project / "src" / "word.rs", (0, 0))
    asyncio.run(tree.Tree(project, copy).build(some, "7.3", module))
    assert module.read_text(encoding="utf-8") == "two\none\n"
    assert source.read_text(encoding="utf-8") == "one\ntwo\n"
    assert source.stat().st_mtime > began
    assert (copy / "Kbuild").stat().st_mtime == (project / "Kbuild").stat().st_mtime


def test_build_after_an_interrupted_one(some: Defect, tmp_path: Path) -> None:
    project, copy = pretended.project(tmp_path / "project", "one\ntwo\n"), tmp_path / "copy"
    (copy / "src").mkdir(parents=True)
    (copy / "src" / "word.rs").write_text("half\n", encoding="utf-8")
    (copy / "src" / "gone.rs").touch()
    asyncio.run(tree.Tree(project, copy).build(some, "7.3", tmp_path / "some.ko"))
    assert (tmp_path / "some.ko").read_text(encoding="utf-8") == "two\none\n"
    assert not (copy / "src" / "gone.rs").exists()


def test_build_of_what_there_is(some: Defect, tmp_path: Path) -> None:
    """Once, until the sources change or the defect does."""
    project, module = pretended.project(tmp_path / "project", "one\ntwo\n"), tmp_path / "some.ko"

    def builds() -> bool:
        module.write_text("as it was\n", encoding="utf-8")
        asyncio.run(tree.Tree(project, tmp_path / "copy").build(some, "7.3", module))
        return module.read_text(encoding="utf-8") != "as it was\n"

    assert builds()
    assert not builds()
    (project / "src" / "other.rs").touch()
    assert builds()
    some.patch.write_text(some.patch.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert builds()
    assert not builds()
    module.with_suffix(".key").unlink()
    assert builds()


def test_build_that_fails(some: Defect, tmp_path: Path) -> None:
    project = pretended.project(tmp_path / "project", "one\ntwo\n")
    (project / "scripts" / "build").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    with pytest.raises(DefectError, match="some cannot be built"):
        asyncio.run(tree.Tree(project, tmp_path / "copy").build(some, "7.3", tmp_path / "some.ko"))
    assert not (tmp_path / "some.ko").exists()


def command_line(*arguments: str) -> tuple[int, str, str]:
    """Exit status and output of scripts/test-broken in this project."""
    program = pretended.begin(PROJECT, *arguments)
    out, err = program.communicate()
    return program.returncode, out, err


def test_some_are_listed() -> None:
    status, out, err = command_line("--list", "--some", "3", "--turn", "1")
    assert status == 0, err
    assert out.split() == [known.name for known in STOCK[3:6]]
    assert f"turn 1: {', '.join(out.split())}" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["unknown"],
        ["--some", "0"],
        ["--some", "x"],
        ["--turn", "1"],
        ["--some", "1", "stock"],
        ["--vms", "0"],
        ["--unknown"],
    ],
)
def test_bad_arguments(arguments: list[str]) -> None:
    status, _, err = command_line(*arguments)
    assert status != 0
    assert "scripts/test-broken: error: " in err
