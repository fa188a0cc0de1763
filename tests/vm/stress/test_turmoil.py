# SPDX-License-Identifier: GPL-2.0
"""Two kinds of disturbance at a time, chosen at random: then the invariant, for every group."""

import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from socket import socket

from harness.defect import Defect
from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.stress import turmoil
from harness.stress.churn import Churn
from harness.stress.scene import GROUPS, KEPT, Scene, expected
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX
from harness.views.stat import stat
from harness.wait import settled

SECONDS, SECONDS_OF_C = 60, 20
LIMIT, LIMIT_OF_C = 20.0, 1.0
ROUND = 1.0
CHURN, MOVE = "churn", "move"
CHURNERS = 2


def disturb(scene: Scene, number: int, kinds: tuple[str, str]) -> list[Churn]:
    """Returns whoever still holds groups afterwards."""
    # Each at least once: where two meet, most tries of one may fail.
    server, span = scene.server, Span(ROUND, least=1)
    seeds = [f"{scene.seed} {number} {churner}" for churner in range(CHURNERS)]
    churners = [Churn(server, GROUPS, seed, span) for seed in seeds if CHURN in kinds]
    children = [
        turmoil.start(scene.cable, (kind,), scene.elsewhere, span)
        for kind in kinds
        if kind != CHURN
    ]
    span.begin()
    scene.done += sum((child.result(span.limit()) for child in children), Counter())
    if MOVE in kinds:  # nobody knows which of the memberships were made after the last move
        for churn in churners:
            churn.held()
            churn.end()
            scene.done += churn.done
        return []
    return churners


def pairs(seed: str) -> Iterator[tuple[str, str]]:
    """All pairs of kinds, in random order, again and again."""
    every = list(itertools.combinations([CHURN, *turmoil.KINDS], 2))
    random.Random(seed).shuffle(every)
    return itertools.cycle(every)


def rejoined(sock: socket, kinds: tuple[str, str]) -> set[str]:
    """A move ends the memberships, and new ones are taken; what the old ones said at leave."""
    if MOVE not in kinds:
        return set()
    answers = {anycast.result(lambda g=group: anycast.leave(sock, g, IFINDEX)) for group in KEPT}
    for group in KEPT:
        anycast.join(sock, group, IFINDEX)
    return answers


def test_invariant(defect: Defect, scene: Scene, soak: Soak) -> None:
    """Listed, held, answered and delivered are one, once the disturbances are over."""
    module = defect.implementation == MODULE
    keeper = scene.server.member(*KEPT)
    deadline = time.monotonic() + (soak.length(SECONDS, 180) if module else SECONDS_OF_C)
    for number, kinds in enumerate(pairs(scene.seed)):
        churners = disturb(scene, number, kinds)
        scene.calm()
        answers = rejoined(keeper, kinds)
        promised = expected(sum((churn.held() for churn in churners), Counter(KEPT)))
        scene.done += sum((churn.done for churn in churners), Counter())
        seen = settled(scene.look, promised, limit=LIMIT if module else LIMIT_OF_C)
        report = f"round {number}: {' and '.join(kinds)}"
        if module:
            assert answers <= {"ENODEV"}, report
            assert seen == promised, report
            assert stat(scene.server.namespace)["walks"] == 0, report
        elif seen != promised:
            print(report, *(f"{group}: {seen[group]}" for group in GROUPS), sep="\n")
            defect.shown = True
            scene.server.excuse()
        for churn in churners:
            churn.end()
        if defect.shown or time.monotonic() > deadline:
            break
    soak.record(rounds=number + 1, **scene.done)
