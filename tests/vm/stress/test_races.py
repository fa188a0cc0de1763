# SPDX-License-Identifier: GPL-2.0
"""Programs that join, leave and close, each time against one kind of disturbance, amid traffic.

Then the rendezvous: what open sockets hold is listed, routed, answered for and delivered, what
they do not hold is gone, and every socket gives back exactly what was listed of it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from harness.defect import Defect
from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.stress import bustle, churn, conversion, last_holder, turmoil
from harness.stress.bustle import Bustle, questions
from harness.stress.churn import Churn
from harness.stress.conversion import Conversion
from harness.stress.last_holder import FAR, LastHolder
from harness.stress.scene import GROUPS, KEPT, Scene, expected, laid_out
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology import stacked
from harness.topology.host import IFINDEX
from harness.topology.lan import Cable
from harness.topology.stacked import Stacked
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.views.stat import stat
from harness.wait import eventually, settled

CHURNERS = 2
SECONDS = 1.5
LIMIT_OF_C = 1.0
# For the kernel to take a namespace away that nobody refers to any more.
GONE = 5.0
# After these a device is another one, for which nobody holds anything.
ANOTHER = {"move", turmoil.DELETE}
# What C does wrong whenever it happens, so the rendezvous is seen to fail.
WRONG_IN_C = ("flap", "disable_ipv6", "mtu", "vrf")
# What leaves a host an address to join by, at once or soon.
ON_A_HOST = ("flap", "rename", turmoil.DELETE)
EACH_STACK = pytest.mark.parametrize(
    "cable",
    [partial(Stacked.build, kind=kind) for kind in stacked.KINDS],
    ids=stacked.KINDS,
    indirect=True,
)


class Race:
    """It runs; what it leaves behind is looked at afterwards."""

    def __init__(self, scene: Scene, soak: Soak, kinds: tuple[str, ...], seconds: float) -> None:
        self._scene, self._soak, self._seconds = scene, soak, seconds
        self._kinds = kinds
        self._keeper = scene.server.member(*KEPT)
        span = Span(seconds, least(seconds))
        seeds = [f"{scene.seed} {number}" for number in range(CHURNERS)]
        self._churners = [Churn(scene.server, GROUPS, seed, span) for seed in seeds]
        crowd = Bustle(scene.cable, GROUPS, span)
        disturber = turmoil.start(scene.cable, kinds, scene.elsewhere, span)
        span.begin()
        self.held = sum((churner.held() for churner in self._churners), Counter(KEPT))
        scene.done += disturber.result(span.limit()) + crowd.done()
        scene.done += sum((churner.done for churner in self._churners), Counter())
        scene.calm()

    def given_back(self) -> tuple[Counter[str], set[str]]:
        """How often each group could be left, and what the leaves that failed said."""
        leave = partial(anycast.leave, self._keeper, ifindex=IFINDEX)
        answers = Counter((group, anycast.result(partial(leave, group))) for group in KEPT)
        for churner in self._churners:
            answers += churner.leave()
        left = Counter({group: answers[group, "OK"] for group in GROUPS})
        return left, {answer for _, answer in answers} - {"OK"}

    def end(self) -> None:
        self._keeper.close()
        for churner in self._churners:
            churner.end()
        had_again(self._scene)
        assert stat(self._scene.server.namespace)["walks"] == 0
        self.record()

    def record(self) -> None:
        record(
            self._soak, self._scene.done, self._seconds, self._kinds, churn.ACTIONS, bustle.ACTIONS
        )


def least(seconds: float) -> int:
    """Each side must do something every few seconds."""
    return max(int(seconds / 5), 1)


def record(soak: Soak, done: Counter[str], seconds: float, *kinds: tuple[str, ...]) -> None:
    soak.record(least(seconds), **{kind: done[kind] for kind in itertools.chain(*kinds)})


def had_again(scene: Scene) -> None:
    """Groups that nobody holds are gone, and can be joined."""
    scene.observer.becomes(ABSENT, *GROUPS)
    member = scene.server.member(*KEPT)
    scene.observer.becomes(PUBLISHED, *KEPT)
    member.close()


def rendezvous(scene: Scene, race: Race) -> None:
    """Nothing that is held may be lost."""
    promised = expected(race.held)
    assert settled(scene.look, promised) == promised
    assert race.given_back() == (race.held, set())
    race.end()


@pytest.mark.parametrize("kind", WRONG_IN_C)
def test_device_without_ipv6(defect: Defect, scene: Scene, soak: Soak, kind: str) -> None:
    if defect.implementation == MODULE:
        rendezvous(scene, Race(scene, soak, (kind,), soak.length(SECONDS)))
        return
    scene.server.excuse()  # C may also leave something behind
    race = Race(scene, soak, (kind,), soak.length(SECONDS, SECONDS))
    promised = expected(race.held)
    seen = settled(scene.look, promised, limit=LIMIT_OF_C)
    if seen != promised:
        defect.shown = True
        wrong = sum(seen[group] != promised[group] for group in GROUPS)
        soak.found(f"built-in C: {wrong} of {len(GROUPS)} groups wrong, as known")
    race.record()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("kind", ["rename", "forwarding"])
def test_device_with_ipv6(scene: Scene, soak: Soak, kind: str) -> None:
    rendezvous(scene, Race(scene, soak, (kind,), soak.length(SECONDS)))


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("kind", sorted(ANOTHER))
def test_another_device(scene: Scene, soak: Soak, kind: str) -> None:
    """Nobody knows which memberships were made after the last change, so the sockets are asked."""
    another_device(scene, Race(scene, soak, (kind,), soak.length(SECONDS)))


def another_device(scene: Scene, race: Race) -> None:
    def held() -> Counter[str]:
        return Counter({group: users for group, (users, _) in scene.look().items()})

    seen = settled(lambda: scene.look() == expected(held()), True)
    assert seen, scene.look()
    listed = held()
    given_back, failures = race.given_back()
    assert given_back == listed
    assert failures <= {"ENODEV", "ENOENT"}
    race.end()


@pytest.fixture
def host_scene(cable: Cable, observer: Observer, seed: str) -> Iterator[Scene]:
    with laid_out(cable, observer, seed, router=False) as scene:
        yield scene


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("kind", ON_A_HOST)
def test_host(host_scene: Scene, soak: Soak, kind: str) -> None:
    """Where addrconf holds nothing, so each hold that was counted must have been counted off."""
    race = Race(host_scene, soak, (kind,), soak.length(SECONDS))
    (another_device if kind in ANOTHER else rendezvous)(host_scene, race)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@EACH_STACK
def test_stacked_device(scene: Scene, soak: Soak) -> None:
    """All kinds of disturbance by turns."""
    rendezvous(scene, Race(scene, soak, turmoil.STACKED, soak.length(SECONDS)))


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@EACH_STACK
def test_stacked_device_deleted(scene: Scene, soak: Soak) -> None:
    another_device(scene, Race(scene, soak, (turmoil.DELETE,), soak.length(SECONDS)))


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_namespace_that_only_sockets_hold(scene: Scene, soak: Soak) -> None:
    """It goes with the last close, from another namespace, amid traffic for its groups."""
    seconds = soak.length(SECONDS)
    span = Span(seconds, least(seconds))
    frames = [frame for _, frame in questions(scene.cable, GROUPS)]
    crowd = Bustle(scene.cable, GROUPS, span)
    holders = [
        LastHolder(scene.cable, number, frames, scene.seed, span) for number in range(CHURNERS)
    ]
    span.begin()
    done = sum((holder.done() for holder in holders), crowd.done())
    client = scene.cable.client.namespace
    eventually("the namespaces are gone", lambda: FAR.encode() not in client.proc("dev"), GONE)
    had_again(scene)
    record(soak, done, seconds, last_holder.ACTIONS, bustle.ACTIONS)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_socket_that_turns_into_an_ipv4_socket(scene: Scene, soak: Soak) -> None:
    """What it holds ends with that, whoever joins by it at the same time."""
    seconds = soak.length(SECONDS)
    span = Span(seconds, least(seconds))
    keeper = scene.server.member(*KEPT)
    crowd = Bustle(scene.cable, GROUPS, span)
    converters = Conversion(scene.server, scene.seed, span)
    span.begin()
    done = converters.done() + crowd.done()
    promised = expected(Counter(KEPT))
    assert settled(scene.look, promised) == promised
    keeper.close()
    had_again(scene)
    record(soak, done, seconds, conversion.ACTIONS, bustle.ACTIONS)
