# SPDX-License-Identifier: GPL-2.0
"""scripts/test-mutants without cargo: names, choice, and its verdict on survivors."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

import turns
from mutants import mutant, survivors
from mutants.mutant import MutantError

PROJECT = Path(__file__).resolve().parents[2]
LIST = PROJECT / "tests" / "host" / "survivors"
# Two of a file that differ in their places alone, and one of another file.
LATER = "src/decide/a.rs:9:7: replace == with != in f"
FIRST = "src/decide/a.rs:8:10: replace == with != in f"
OTHER = "src/decide/b.rs:2:5: replace g -> bool with true"
NAMES = [LATER, FIRST, OTHER]
TITLES = [
    "src/decide/a.rs: replace == with != in f (1 of 2)",
    "src/decide/a.rs: replace == with != in f (2 of 2)",
    "src/decide/b.rs: replace g -> bool with true",
]


def test_titles_say_no_line() -> None:
    """They are numbered in the order of the file, where they would be the same."""
    mutants = mutant.read(NAMES)
    assert [one.title for one in mutants] == TITLES
    assert [one.name for one in mutants] == [FIRST, LATER, OTHER]


def test_titles_stay_when_lines_move() -> None:
    moved = [name.replace(":9:", ":109:").replace(":8:", ":108:") for name in NAMES]
    assert [one.title for one in mutant.read(moved)] == TITLES


def test_name_of_another_form() -> None:
    with pytest.raises(MutantError, match="'warning: no mutants'"):
        mutant.read(["warning: no mutants"])


def test_choice_by_file() -> None:
    mutants = mutant.read(NAMES)
    assert mutant.of_files(mutants, []) == mutants
    assert [one.name for one in mutant.of_files(mutants, ["b"])] == [OTHER]
    with pytest.raises(MutantError, match=r"src/decide/c\.rs"):
        mutant.of_files(mutants, ["b", "c"])


@pytest.mark.parametrize("count", [1, 2, 5, 7, 1000])
def test_turns_go_through_all(count: int) -> None:
    """In no more turns than it takes, whichever is the first."""
    things = list(range(7))
    needed = math.ceil(len(things) / count)
    chosen = [turns.some(things, count, turn) for turn in range(100, 100 + needed)]
    assert {len(turn) for turn in chosen} == {min(count, 7)}
    assert all(len(set(turn)) == len(turn) for turn in chosen)
    assert {thing for turn in chosen for thing in turn} == set(things)


def complaints(tried: list[str], survived: list[str], *listed: str) -> list[str]:
    reasons = dict.fromkeys(listed, "a reason")
    return survivors.complaints(mutant.read(NAMES), tried, survived, reasons)


def test_survivor_that_is_listed() -> None:
    assert complaints(NAMES, [OTHER], TITLES[2]) == []


def test_survivor_that_is_not_listed() -> None:
    """Of two that differ in their places, one is another than the other."""
    assert complaints(NAMES, [LATER, OTHER], TITLES[0], TITLES[2]) == [
        f"{TITLES[1]}: survives, and is not listed",
        f"{TITLES[0]}: is listed, and does not survive",
    ]


def test_listed_one_that_was_not_tried() -> None:
    assert complaints([OTHER], [], TITLES[0]) == []


def test_listed_one_that_is_not_made() -> None:
    """Also after a run that tried only some others."""
    gone = "src/decide/a.rs: replace == with != in f"
    assert complaints([OTHER], [], gone) == [f"{gone}: is listed, and is not made any more"]


def test_listed_one_without_a_reason() -> None:
    found = survivors.complaints(mutant.read(NAMES), NAMES, [OTHER], {TITLES[2]: ""})
    assert found == [f"{TITLES[2]}: is listed without a reason"]


def written(directory: Path, text: str) -> Path:
    file = directory / "survivors"
    file.write_text(text, encoding="utf-8")
    return file


def test_list(tmp_path: Path) -> None:
    file = written(tmp_path, "# About it.\n\na: b\n\tOne\n\treason.\n\nc: d\n\tAnother.\n")
    assert survivors.read(file) == {"a: b": "One reason.", "c: d": "Another."}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a\n\tb\nc\n\td\na\n\te\n", "has this twice: a"), ("\ta\nb\n\tc\n", "begins with a reason")],
)
def test_bad_list(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(MutantError, match=complaint):
        survivors.read(written(tmp_path, text))


def test_list_of_the_project() -> None:
    """Each has a reason, and is in a file that there is."""
    for title, reason in survivors.read(LIST).items():
        assert reason.endswith("."), title
        assert (PROJECT / title.split(":")[0]).is_file(), title


class Run:
    """A directory like build/mutants: the mutants, those chosen, and what became of them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.written("made", NAMES)
        self.written("chosen", NAMES)
        self.written("caught", [FIRST])
        self.written("timeout", [LATER])
        self.written("unviable", [])
        self.written("missed", [OTHER])
        self.written("survivors", [TITLES[2], "\tA reason."])

    def written(self, name: str, lines: list[str]) -> None:
        found = name in ("caught", "timeout", "unviable", "missed")
        file = self._directory / (f"{name}.txt" if found else name)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mutants", *arguments],
            cwd=self._directory,
            env={"PYTHONPATH": str(PROJECT / "scripts")},
            capture_output=True,
            text=True,
            check=False,
        )

    def judged(self) -> subprocess.CompletedProcess[str]:
        return self.command("judge", "made", "chosen", ".", "survivors")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_verdict(run: Run) -> None:
    """One that ran out of time has not survived."""
    done = run.judged()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "3 mutants: 1 caught, 1 out of time, 0 do not compile, 1 survive\n"


def test_verdict_on_a_survivor(run: Run) -> None:
    run.written("survivors", [])
    done = run.judged()
    assert done.returncode == 1
    assert f"{TITLES[2]}: survives, and is not listed\n" in done.stderr


def test_verdict_on_a_run_that_broke_off(run: Run) -> None:
    run.written("caught", [])
    done = run.judged()
    assert done.returncode == 1
    assert "has not tried" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        ([], [FIRST, LATER, OTHER]),
        (["b"], [OTHER]),
        (["--commits", "1", "--some", "1"], [LATER]),
        (["--commits", "1", "--some", "2", "--turn", "3"], [FIRST, LATER]),
    ],
)
def test_chosen(run: Run, arguments: list[str], chosen: list[str]) -> None:
    assert run.command("choose", "made", *arguments).stdout.splitlines() == chosen


@pytest.mark.parametrize(
    "arguments",
    [
        ["c"],
        ["--some", "0"],
        ["--some", "1"],
        ["--some", "1", "--turn", "1", "b"],
        ["--turn", "1"],
        ["--unknown"],
    ],
)
def test_bad_arguments(run: Run, arguments: list[str]) -> None:
    done = run.command("choose", "made", *arguments)
    assert done.returncode != 0
    assert "scripts/test-mutants: error: " in done.stderr
