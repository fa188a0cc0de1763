# SPDX-License-Identifier: GPL-2.0
"""Called by scripts/test-mutants: choose MADE ARGUMENTS, or judge MADE CHOSEN OUTCOMES SURVIVORS"""

import argparse
import sys
from pathlib import Path

import turns
from mutants import mutant, survivors
from mutants.mutant import Mutant, MutantError

# The files of mutants.out, and what they say of the mutants there.
OUTCOMES = {
    "caught": "caught",
    "timeout": "out of time",
    "unviable": "do not compile",
    "missed": "survive",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/test-mutants", usage="see --help", add_help=False
    )
    commands = parser.add_subparsers(required=True)
    for command, add_arguments in (choose, choice), (judge, outcome):
        one = commands.add_parser(command.__name__, usage="see --help", add_help=False)
        one.prog = parser.prog
        one.set_defaults(command=command)
        add_arguments(one)
    given = parser.parse_args()
    try:
        given.command(given)
    except MutantError as error:
        sys.exit(f"scripts/test-mutants: error: {error}")


def choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("made", type=lines)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--some", type=positive, metavar="N")
    parser.add_argument("--turn", type=int, metavar="T")
    parser.add_argument("--commits", type=int)


def outcome(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("made", type=lines)
    parser.add_argument("chosen", type=lines)
    parser.add_argument("outcomes", type=Path)
    parser.add_argument("survivors", type=Path)


def lines(file: str | Path) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines()


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def choose(given: argparse.Namespace) -> None:
    """Print the names of those to try."""
    if given.turn is not None and not given.some:
        raise MutantError("--turn goes with --some")
    made = mutant.read(given.made)
    chosen = some(given, made) if given.some else mutant.of_files(made, given.files)
    print(*(one.name for one in chosen), sep="\n")


def some(given: argparse.Namespace, made: list[Mutant]) -> list[Mutant]:
    if given.files:
        raise MutantError("--some takes no names")
    turn = given.commits if given.turn is None else given.turn
    if turn is None:
        raise MutantError("git does not say how many commits there are: give --turn")
    return turns.some(made, given.some, turn)


def judge(given: argparse.Namespace) -> None:
    """Print what became of them. Fail if that is not what tests/host/survivors says."""
    made = mutant.read(given.made)
    names = {kind: lines(given.outcomes / f"{kind}.txt") for kind in OUTCOMES}
    tried = [name for kind in names.values() for name in kind]
    if sorted(tried) != sorted(given.chosen):
        raise MutantError("cargo-mutants has not tried those that were chosen")
    counts = [f"{len(names[kind])} {what}" for kind, what in OUTCOMES.items()]
    print(f"{len(tried)} mutants: {', '.join(counts)}")
    wrong = survivors.complaints(made, tried, names["missed"], survivors.read(given.survivors))
    if wrong:
        raise MutantError("\n".join(["the tests and tests/host/survivors do not agree:", *wrong]))


if __name__ == "__main__":
    main()
