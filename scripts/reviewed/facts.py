# SPDX-License-Identifier: GPL-2.0
"""What the module relies on: kernels/facts, and a check that it is complete."""

import re
from pathlib import Path
from typing import NamedTuple

FACTS = Path("kernels/facts")
NAME = re.compile(r"\w+(?:\(\))?|struct \w+|#define \w+")
FUNCTIONS = Path("src/variant/livepatch/functions.rs")
SYMBOLS = Path("src/bindings/symbols.rs")


class Fact(NamedTuple):
    """A definition of the kernel's: its file, and how it is named there."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} of {self.file}"


class ReviewError(Exception):
    """A message for the user."""


def facts(project: Path) -> list[Fact]:
    """In the order of the file: a file's name, then, indented, names and after two spaces why."""
    found: list[Fact] = []
    file = ""
    for line in _text(project, FACTS).splitlines():
        text = line.strip()
        if not text or text.startswith("# "):
            continue
        if not line[0].isspace():
            file = text
        else:
            found.append(Fact(file, _name(text)))
    twice = {fact for fact in found if found.count(fact) > 1}
    if twice:
        raise ReviewError(f"{FACTS} has {min(twice)} twice: remove one")
    return found


def check_complete(project: Path, known: list[Fact]) -> None:
    """Each function that is replaced, and each symbol that is reached, is there."""
    there = {fact.name.removesuffix("()") for fact in known}
    for file, names in (
        (FUNCTIONS, replaced(_text(project, FUNCTIONS))),
        (SYMBOLS, reached(_text(project, SYMBOLS))),
    ):
        if not names:
            raise ReviewError(f"{file} has no names: has its format changed?")
        for name in names:
            if name not in there:
                raise ReviewError(
                    f"{file} has {name}, {FACTS} has not: add it there with its file, "
                    "review it in the kernel's source, then run scripts/manifest --renew"
                )


def replaced(source: str) -> list[str]:
    return re.findall(r"^\s+(?:declared|operation)!\(\s*(\w+)", source, re.M)


def reached(source: str) -> list[str]:
    _, _, rows = source.rpartition("klp_symbols! {")
    return re.findall(r"^    (\w+): ", rows, re.M)


def _name(text: str) -> str:
    name = re.split(r"\s{2,}", text)[0]
    if not NAME.fullmatch(name):
        raise ReviewError(
            f"{FACTS}: '{name}' is no name: write name(), struct name, #define name or name, "
            "then two spaces and why"
        )
    return name


def _text(project: Path, file: Path) -> str:
    return (project / file).read_text(encoding="utf-8")
