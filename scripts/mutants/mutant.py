# SPDX-License-Identifier: GPL-2.0
"""The mutants as cargo-mutants names them, and as tests/host/survivors does."""

import re
from collections import Counter
from dataclasses import dataclass

NAME = re.compile(r"([^:]+):(\d+):(\d+): (.+)")


class MutantError(Exception):
    """Something is wrong with the arguments, with the list, or with what cargo-mutants said."""


@dataclass(frozen=True)
class Mutant:
    # As cargo-mutants has it, with line and column.
    name: str
    # The same without, as those move.
    title: str


def read(names: list[str]) -> list[Mutant]:
    """All, by their names. Those that would have the same title are numbered in their order."""
    places = sorted(map(place, names))
    known = Counter(title for title, *_ in places)
    seen: Counter[str] = Counter()
    mutants = []
    for title, _, _, name in places:
        seen[title] += 1
        number = f" ({seen[title]} of {known[title]})" if known[title] > 1 else ""
        mutants.append(Mutant(name, title + number))
    return mutants


def place(name: str) -> tuple[str, int, int, str]:
    match = NAME.fullmatch(name)
    if not match:
        raise MutantError(f"cargo-mutants names a mutant {name!r}, without file, line and column")
    file, line, column, change = match.groups()
    return f"{file}: {change}", int(line), int(column), name


def of_files(mutants: list[Mutant], files: list[str]) -> list[Mutant]:
    """Those in these files of src/decide; all, if none is named."""
    for file in files:
        if not any(in_file(mutant, [file]) for mutant in mutants):
            raise MutantError(f"there are no mutants in src/decide/{file}.rs")
    return [mutant for mutant in mutants if not files or in_file(mutant, files)]


def in_file(mutant: Mutant, files: list[str]) -> bool:
    return mutant.name.startswith(tuple(f"src/decide/{file}.rs:" for file in files))
