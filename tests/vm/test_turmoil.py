# SPDX-License-Identifier: GPL-2.0
"""Two kinds of disturbance at a time, chosen at random: then the invariant, for every group.

ANYCAST6_SEED in the environment repeats the choices of a run; a failure names its seed.
"""

import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from socket import socket

import pytest

from net import anycast, loss, turmoil
from net.churn import Churn
from net.defect import Defect
from net.host import IFINDEX, Host
from net.implementation import MODULE
from net.lan import PREFIX, Cable
from net.namespace import Namespace
from net.observer import ABSENT, PUBLISHED, Observer, State
from net.soak import Soak
from net.stat import stat
from net.wait import settled

SECONDS, SECONDS_OF_C = 60, 20
LIMIT, LIMIT_OF_C = 20.0, 1.0
ROUND = 1.0
KEPT = PREFIX + "a", PREFIX + "b"
# Each listens to a solicited-node group of its own.
GROUPS = *KEPT, PREFIX + "c", "fe80::d"
CHURN, MOVE = "churn", "move"
CHURNERS = 2


@dataclass
class Scene:
    """A router with a member of some groups, in between disturbances."""

    cable: Cable
    observer: Observer
    seed: str
    elsewhere: Namespace = field(default_factory=Namespace)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def server(self) -> Host:
        return self.cable.server

    def disturb(self, number: int, kinds: tuple[str, str]) -> list[Churn]:
        """Returns whoever still holds groups afterwards."""
        seeds = [f"{self.seed} {number} {churner}" for churner in range(CHURNERS)]
        churners = [Churn(self.server, GROUPS, seed, ROUND) for seed in seeds if CHURN in kinds]
        children = {
            kind: turmoil.start(self.server, kind, self.elsewhere, ROUND)
            for kind in kinds
            if kind != CHURN
        }
        self.done += Counter({kind: child.result() for kind, child in children.items()})
        if MOVE in kinds:  # nobody knows which of the memberships were made after the last move
            for churn in churners:
                churn.held()
                churn.end()
                self.done += churn.done
            return []
        return churners

    def calm(self) -> None:
        """Undo what disturbances that met may have left behind."""
        server = self.server
        device = {"ifname": server.device, "mtu": loss.MTU, "master": 0}
        server.namespace.rtnl.link("set", index=IFINDEX, **device)
        server.namespace.rtnl.link("set", index=IFINDEX, state="up")
        server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", "0")
        server.forwarding(True)
        loss.usable(self.cable)

    def look(self) -> dict[str, tuple[int, State]]:
        """Users and state of every group."""
        users = {group.address: group.users for group in self.server.groups()}
        return {group: (users.get(group, 0), self.observer.state(group)) for group in GROUPS}


@pytest.fixture
def scene(server: Host, cable: Cable, observer: Observer) -> Iterator[Scene]:
    seed = os.environ.get("ANYCAST6_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"ANYCAST6_SEED={seed}")
    scene = Scene(cable, observer, seed)
    server.forwarding(True)
    loss.add_vrf(server, loss.VRF, loss.VRFS[loss.VRF])
    yield scene
    server.shut()  # C does not let go of a VRF before all members of groups there have
    loss.delete_vrf(server, loss.VRF)
    scene.elsewhere.close()


def pairs(seed: str) -> Iterator[tuple[str, str]]:
    """All pairs of kinds, in random order, again and again."""
    every = list(itertools.combinations([CHURN, *turmoil.KINDS], 2))
    random.Random(seed).shuffle(every)
    return itertools.cycle(every)


def expected(held: Counter[str]) -> dict[str, tuple[int, State]]:
    return {group: (held[group], PUBLISHED if held[group] else ABSENT) for group in GROUPS}


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
        churners = scene.disturb(number, kinds)
        scene.calm()
        answers = rejoined(keeper, kinds)
        promised = expected(sum((churn.held() for churn in churners), Counter(KEPT)))
        scene.done += sum((churn.done for churn in churners), Counter())
        seen = settled(scene.look, promised, limit=LIMIT if module else LIMIT_OF_C)
        report = f"ANYCAST6_SEED={scene.seed}, round {number}: {' and '.join(kinds)}"
        if module:
            assert answers <= {"ENODEV"}, report
            assert seen == promised, report
            assert stat(scene.server.namespace)["walks"] == 0, report
        elif seen != promised:
            print(report, *(f"{group}: {seen[group]}" for group in GROUPS), sep="\n")
            defect.shown = True
        for churn in churners:
            churn.end()
        if defect.shown or time.monotonic() > deadline:
            break
    soak.record(rounds=number + 1, **scene.done)
