# SPDX-License-Identifier: GPL-2.0
"""Suspensions, drains and leases amid joins, leaves, disturbances of the device, and traffic.

At rest each group is what its state says; once nothing is asked for any more, what is held is
listed, answered for and delivered, and nothing else is.
"""

from collections import Counter

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.stress import churn, steering, turmoil
from harness.stress.bustle import Bustle
from harness.stress.churn import Churn
from harness.stress.scene import GROUPS, KEPT, Scene, expected
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.views.control import DRAINING, PUBLISHED, SUSPENDED, Control
from harness.views.observer import ABSENT
from harness.views.observer import PUBLISHED as SERVED
from harness.wait import eventually, settled

SECONDS = 1.5
ROUNDS = 3
# Neighbours that look for any member find none of a draining group.
VIEWS = {
    None: ABSENT,
    PUBLISHED: SERVED,
    DRAINING: SERVED._replace(listening=False, answered=False),
    SUSPENDED: ABSENT,
}


def least(seconds: float) -> int:
    """Each side must do something every few seconds."""
    return max(int(seconds / 5), 1)


def agrees(scene: Scene, control: Control) -> bool:
    """What the family says of each group is what all see of it."""
    states = {one.address: one.state for one in control.groups()}
    before = {group: states.get(group) for group in GROUPS}
    seen = {group: scene.observer.state(group) for group in GROUPS}
    return seen == {group: VIEWS[before[group]] for group in GROUPS}


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("kind", ["flap", "disable_ipv6", "mtu", "vrf", "move", turmoil.DELETE])
def test_device(scene: Scene, soak: Soak, kind: str) -> None:
    """A device that was moved or deleted is another one, of which nobody holds what was held."""
    seconds = soak.length(SECONDS)
    span = Span(seconds, least(seconds))
    keeper = scene.server.member(*KEPT)
    churner = Churn(scene.server, GROUPS, scene.seed, span)
    crowd = Bustle(scene.cable, GROUPS, span)
    steerer = steering.start(scene.server, GROUPS, scene.seed, span)
    disturber = turmoil.start(scene.cable, (kind,), scene.elsewhere, span)
    span.begin()
    held = churner.held() + Counter(KEPT)
    steered = steerer.result(span.limit())
    done = disturber.result(span.limit()) + crowd.done() + churner.done + steered
    scene.calm()
    control = Control(scene.server)
    assert settled(lambda: agrees(scene, control), True), scene.look()
    steering.served_again(control, GROUPS)
    if kind in ("move", turmoil.DELETE):
        held = Counter({one.address: one.holders or 0 for one in control.groups()})
    assert settled(scene.look, expected(held)) == expected(held)
    keeper.close()
    churner.end()
    scene.observer.becomes(ABSENT, *GROUPS)
    kinds = (kind, *churn.ACTIONS, *steering.ACTIONS)
    soak.record(least(seconds), **{name: done[name] for name in kinds})


def test_load_and_unload(scene: Scene) -> None:
    """Requests are refused while tasks switch, and none outlives the module."""
    keeper = scene.server.member(*KEPT)
    for _ in range(ROUNDS):
        switch_to(MODULE)
        span = Span()
        steerer = steering.start(scene.server, KEPT, scene.seed, span)
        span.begin()
        control = Control(scene.server)
        eventually(
            "the steering", lambda c=control: {one.state for one in c.groups()} - {PUBLISHED}
        )
        switch_to(BUILTIN_C)
        span.end()
        steerer.result(span.limit())
        scene.observer.becomes(SERVED, *KEPT)
    switch_to(MODULE)
    assert {one.state for one in Control(scene.server).groups() if one.address in KEPT} == {
        PUBLISHED
    }
    keeper.close()
    scene.observer.becomes(ABSENT, *KEPT)
