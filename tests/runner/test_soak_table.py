# SPDX-License-Identifier: GPL-2.0
"""scripts/soak-table: what the table says of results that are there, bad, old or missing."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
STOCK, DEBUG = "7.3.4+deb13-amd64", "7.3.4-anycast6-debug"
PAGE = "before\n<!-- table: begin -->\nold\n<!-- table: end -->\nafter\n"


class Tree:
    """A project that has the script and the page."""

    def __init__(self, directory: Path) -> None:
        self.page = directory / "docs" / "reliability.md"
        self._script = directory / "scripts" / "soak-table"
        self._results = directory / "results.jsonl"
        for file in self.page, self._script:
            file.parent.mkdir()
        self.page.write_text(PAGE, encoding="utf-8")
        shutil.copy(PROJECT / "scripts" / "soak-table", self._script)

    def scenarios(self, name: str) -> None:
        """It has such a file."""
        directory = self.page.parents[1] / "tests" / "vm"
        directory.mkdir(parents=True)
        (directory / name).touch()

    def table(self, *results: dict) -> list[list[str]]:
        """The cells after a run with these results."""
        lines = [json.dumps(result) + "\n" for result in results]
        self._results.write_text("".join(lines), encoding="utf-8")
        return self.made("c0ffee", self._results)

    def made(self, *arguments: str | Path) -> list[list[str]]:
        subprocess.run([self._script, *arguments], check=True)
        rows = [line for line in self.page.read_text("utf-8").splitlines() if "`" in line]
        return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def result(scenario: str, outcome: str, kernel: str = STOCK, **more: object) -> dict:
    done = {"seconds": 60.2, "operations": {"joins": 1234}, "findings": []}
    date = {"date": "2026-01-02T03:04:05+00:00"}
    details = {} if outcome in ("not run", "begun") else done | more
    return {"scenario": scenario, "outcome": outcome, "kernel": kernel} | date | details


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


RUN = "2026-01-02, c0ffee"
NOT_RUN = ["", "", "**not run**", ""]


def test_passed_on_one_kernel(tree: Tree) -> None:
    assert tree.table(result("a", "not run"), result("a", "begun"), result("a", "passed")) == [
        ["`a`", "stock", "60.2 s", "1,234 joins", "none", RUN],
        ["`a`", "debug", *NOT_RUN],
    ]
    text = tree.page.read_text("utf-8")
    assert (text.startswith("before\n"), text.endswith("\nafter\n"), "old" in text) == (
        True,
        True,
        False,
    )


def test_made_again(tree: Tree) -> None:
    """From what is kept it is the same."""
    rows = tree.table(result("a", "passed", operations={"leaves": 2, "joins": 1}))
    assert rows[0][3] == "1 joins, 2 leaves"
    assert tree.made() == rows


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"processors": 8, "preemption": "lazy"}, "stock, 8 processors"),
        ({"processors": 2, "preemption": "full"}, "stock, preempt=full"),
        ({"processors": 8, "preemption": "full"}, "stock, 8 processors, preempt=full"),
    ],
)
def test_machine(tree: Tree, more: dict, name: str) -> None:
    """A result of one is none of the other."""
    tree.table(result("a", "passed") | {"processors": 2, "preemption": "lazy"})
    rows = tree.table(result("a", "passed", seconds=9) | more)
    assert [row[1:3] for row in rows] == [["stock", "60.2 s"], [name, "9 s"], ["debug", ""]]


def test_machine_that_did_not_survive(tree: Tree) -> None:
    many = {"processors": 8}
    rows = tree.table(result("a", "not run") | many, result("a", "begun") | many)
    assert "not survive" in rows[1][4]


def test_failed(tree: Tree) -> None:
    stock, _ = tree.table(result("a", "failed", findings=["lost"]))
    assert stock[4] == "**failed**: lost"


def test_ended_with_the_machine(tree: Tree) -> None:
    """A result of an earlier run does not hide it."""
    tree.table(result("a", "passed"))
    stock, _ = tree.table(result("a", "not run"), result("a", "begun"))
    assert "not survive" in stock[4]


def test_left_out_this_time(tree: Tree) -> None:
    """It keeps its result."""
    tree.table(result("a", "passed", DEBUG))
    _, debug = tree.table(result("a", "not run", DEBUG), result("b", "passed", DEBUG))[:2]
    assert debug[2] == "60.2 s"


def test_left_out_by_one_vm_and_run_by_another(tree: Tree) -> None:
    results = result("a", "passed"), result("a", "not run")
    for stock, _ in tree.table(*results), tree.table(*reversed(results)):
        assert stock[4] == "none"


def test_no_longer_there(tree: Tree) -> None:
    tree.table(result("test_a.py::old", "passed"), result("test_gone.py::old", "passed"))
    rows = tree.table(result("test_a.py::new", "passed"))
    assert {row[0] for row in rows} == {"`test_a.py::new`"}


def test_of_another_file(tree: Tree) -> None:
    """A run of one file says nothing of the others."""
    tree.scenarios("test_a.py")
    tree.table(result("test_a.py::a", "passed"))
    rows = tree.table(result("test_b.py::b", "passed"))
    assert [row[4] for row in rows if row[1] == "stock"] == ["none", "none"]
