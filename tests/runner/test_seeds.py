# SPDX-License-Identifier: GPL-2.0
"""All that the scenarios do at random goes by one seed (tests/vm/harness/seed.py)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.seed import Seed

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).resolve().parents[2]
SCENARIOS = PROJECT / "tests" / "vm"
SOURCE = SCENARIOS / "harness" / "seed.py"
TESTS = """
import pytest

@pytest.fixture
def seed():
    pass

@pytest.fixture
def rng(seed):
    pass

def test_random(rng):
    assert not "random"

def test_other():
    assert not "other"
"""


def unseeded(tree: ast.AST) -> Iterator[str]:
    """Uses of random that the run's seed does not decide."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(ast.Name("random"), "Random"), args=arguments):
                if not arguments or isinstance(arguments[0], ast.Constant):
                    yield ast.unparse(node)
            case ast.Attribute(ast.Name("random"), name) if name != "Random":
                yield ast.unparse(node)
            case ast.Attribute(ast.Name("os"), "urandom") | ast.ImportFrom("random"):
                yield ast.unparse(node)


def test_nothing_else_is_random() -> None:
    files = [file for file in SCENARIOS.rglob("*.py") if file != SOURCE]
    found = {file.name: list(unseeded(ast.parse(file.read_bytes()))) for file in files}
    assert {name: uses for name, uses in found.items() if uses} == {}


@pytest.mark.parametrize(
    "text",
    [
        "random.choice(GROUPS)",
        "random.Random(0).random()",
        "random.Random()",
        "from random import choice",
        "os.urandom(4)",
    ],
)
def test_what_is_found(text: str) -> None:
    assert list(unseeded(ast.parse(text)))


def test_failure_names_the_seed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a randomized test; the head of the report names it anyway."""
    monkeypatch.setenv("ANYCAST6_SEED", "4242")
    pytester.makepyfile(TESTS)
    report = pytester.runpytest_inprocess(plugins=[Seed()]).stdout.str()
    head, random, other = re.split("(?m)^_+ test_(?:random|other) _+$", report)
    assert [text.count("ANYCAST6_SEED=4242") for text in (head, random, other)] == [1, 1, 0]


def test_each_run_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCAST6_SEED", raising=False)
    assert len({Seed().value for _ in range(10)}) > 1
