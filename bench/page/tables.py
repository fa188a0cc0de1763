# SPDX-License-Identifier: GPL-2.0
"""The page's tables, in Markdown."""

from collections.abc import Iterable
from itertools import product

from page.figures import OURS, ROWS, TITLES, C, Figures
from page.targets import Target


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """The first column holds words, the others numbers."""
    head = list(head)
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_targets(targets: Iterable[Target]) -> str:
    return table(("target", "limit", "measured", ""), map(_line, targets))


def _line(target: Target) -> tuple[str, ...]:
    limit, figure = (f"{value:.3g}{target.unit}" for value in (target.limit, target.figure))
    return target.what, limit, figure, target.verdict()


def of_operations(figures: Figures, row: str) -> str:
    """Cost in C, cost in the module, their ratio."""
    head = ("", *(f"{size}" for size in figures.sizes), "each group adds")
    return table(
        head,
        (
            [
                title,
                *(_cell(figures, operation, row, size) for size in figures.sizes),
                " / ".join(f"{figures.slope(operation, row, name):.2f}" for name in (C, OURS)),
            ]
            for operation, title in TITLES.items()
        ),
    )


def _cell(figures: Figures, operation: str, row: str, size: int) -> str:
    c, ours = (figures.cost(operation, row, name, size) for name in (C, OURS))
    return f"{c:.0f} / {ours:.0f} ({figures.ratio(operation, row, size):.2f})"


def of_multicast(figures: Figures) -> str:
    """What a packet costs before it comes to the groups."""
    rows = (
        [row, *(f"{figures.cost('ns_floor', row, OURS, size):.0f}" for size in figures.sizes)]
        for row in ROWS
    )
    return table(("", *map(str, figures.sizes)), rows)


def of_takeover(figures: Figures) -> str:
    titles = {"takeover": "takeover", "hand_back": "hand-back"}
    rows = (
        [f"{title}, {row}", *(f"{figures.takeover(what, row, size):.0f}" for size in figures.sizes)]
        for what, title in titles.items()
        for row in ROWS
    )
    return table(("", *map(str, figures.sizes)), rows)


def of_memory(figures: Figures) -> str:
    """In bytes, by cache."""
    memory = figures.raw["memory"]
    columns = list(product(("group", "membership"), (C, OURS)))
    used = [memory[name][what] for what, name in columns]
    caches = sorted({cache for column in used for cache in column})
    head = ("bytes for each", *(f"{what}, {name}" for what, name in columns))
    rows = [[cache, *(f"{column.get(cache, 0):.0f}" for column in used)] for cache in caches]
    total = ["all", *(f"{sum(column.values()):.0f}" for column in used)]
    return table(head, [*rows, total])


def of_many(figures: Figures) -> str:
    many = dict(figures.raw["many"])
    head = (f"{many.pop('groups')} groups, shared", "instructions")
    return table(head, ((TITLES[operation], f"{cost:.0f}") for operation, cost in many.items()))
