# SPDX-License-Identifier: GPL-2.0
"""What `make outage` measures, in which order, and how the figures come together."""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.kernel import implementation
from harness.process.child import Child
from harness.wait import eventually
from harness.wire.conversation import STEP, Conversation
from outage.figures import (
    CLOSE,
    COLUMNS,
    CONFIRMED,
    CRASH,
    DRAIN,
    ENDINGS,
    ENTRIES,
    HEARTBEAT,
    IMPOSSIBLE,
    KILL,
    STOCK,
    C,
)
from outage.site import Site, killed, told

# Milliseconds.
DRAIN_TIME, BEAT = 1000, 300
# How many answers the client has while both members hear of each other by their beats, and while
# the other says that it serves the group, three times in two seconds.
SETTLED, SAID = 200, 300


@dataclass(frozen=True)
class Plan:
    """How many trials, for each kind of entry; fewer where the client waits long."""

    few: int
    many: int

    def trials(self, ending: str, column: str) -> int:
        return self.few if column == C or ending == CRASH else self.many


FULL, QUICK = Plan(few=5, many=10), Plan(few=1, many=2)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(plan: Plan) -> dict[str, object]:
    site = Site()
    outages: dict = defaultdict(lambda: defaultdict(dict))
    for column, ending in cells(site):
        for entry in ENTRIES:
            trials = plan.trials(ending, column)
            took = [trial(site, ending, column, entry) for _ in range(trials)]
            progress(f"{column}, {ending}, {entry}: {' '.join(f'{t:.3f}' for t in took)}")
            outages[ending][column][entry] = [round(outage, 4) for outage in took]
    site.close()
    implementation.switch_to(implementation.BUILTIN_C)
    return {
        "kernel": os.uname().release,
        "step": STEP,
        "drain": DRAIN_TIME,
        "heartbeat": BEAT,
        "outages": outages,
    }


def cells(site: Site) -> Iterator[tuple[str, str]]:
    """Column and ending, with the column's implementation in use."""
    for column in COLUMNS:
        use(site, column)
        for ending in ENDINGS:
            if (ending, column) not in IMPOSSIBLE:
                yield column, ending


def use(site: Site, column: str) -> None:
    if column == C:
        implementation.switch_to(implementation.BUILTIN_C)
        return
    implementation.switch_to(implementation.MODULE)
    site.set_handover(stock=column == STOCK)


def trial(site: Site, ending: str, column: str, entry: str) -> float:
    """Seconds that the client has no answer."""
    if ending == HEARTBEAT:
        site.heartbeat(BEAT)
    program, conversation = begun(site, column)
    if ending == HEARTBEAT:
        conversation.until(site.leaver.name, times=SETTLED)
    if entry == CONFIRMED:
        site.confirm()
        conversation.until(site.leaver.name)
    outage = missed(site, ending, program, conversation)
    if ending == HEARTBEAT:
        conversation.until(site.other.name, times=SAID)
    again(site, ending, program)
    return outage


def missed(site: Site, ending: str, program: Child, conversation: Conversation) -> float:
    """Seconds, until the other member answers."""
    if ending == DRAIN:
        # The leaver goes on meanwhile, and an emulated machine may stand still for a moment.
        site.drain(DRAIN_TIME)
        return conversation.change(site.other.name)
    return conversation.through(lambda: EVENTS[ending](site, program), site.other.name)


def again(site: Site, ending: str, program: Child) -> None:
    """The leaver is back on the link, without the group."""
    site.clear(program)
    if ending in (CRASH, HEARTBEAT):
        site.plug()
    if ending == HEARTBEAT:
        site.heartbeat(0)


def begun(site: Site, column: str) -> tuple[Child, Conversation]:
    """The client uses the leaver, which has had the time to find the other member."""
    if column == C:
        return site.hold(), site.talk()
    known = site.peers_known()
    program = site.hold()
    eventually("a peer is known", lambda: site.peers_known() > known)
    return program, site.talk()


EVENTS: dict[str, Callable[[Site, Child], object]] = {
    CLOSE: lambda _, program: told(program),
    KILL: lambda _, program: killed(program),
    CRASH: lambda site, _: site.unplug(),
    HEARTBEAT: lambda site, _: site.unplug(),
}
