# SPDX-License-Identifier: GPL-2.0
"""The operations, measured one after the other while a number of groups is held."""

from statistics import median

from cost.frames import HOST, PASSED_A_ROUTER, solicitation, syn
from cost.groups import Row
from cost.stage import Stage

# The oldest groups have a socket each, so that one can leave without a search among many.
DEDICATED = 24
SAMPLES = 9
PACKETS = 16

Costs = dict[str, float]


class Held:
    """`count` groups of a row: the oldest held by a socket each, all others by one."""

    def __init__(self, stage: Stage, row: Row, count: int) -> None:
        self.stage, self.row, self.count = stage, row, count
        self.oldest = stage.meter.open(min(count, DEDICATED))
        (self.rest,) = stage.meter.open()
        for number, sock in enumerate(self.oldest):
            self.join(sock, number)
        self.join(self.rest, len(self.oldest), count - len(self.oldest))

    def join(self, sock: int, first: int, count: int = 1) -> list[int]:
        return self.stage.meter.join(sock, self.stage.ifindex, self.row, first, count)

    def leave(self, sock: int, first: int, count: int = 1) -> list[int]:
        return self.stage.meter.leave(sock, self.stage.ifindex, self.row, first, count)

    def gather(self) -> None:
        """The oldest groups become the youngest, and all are the one socket's."""
        self.stage.meter.shut(*self.oldest)
        self.join(self.rest, 0, len(self.oldest))
        self.oldest = []

    def close(self) -> int:
        """What it costs to close the one socket."""
        if self.oldest:
            self.stage.meter.shut(*self.oldest)
        return self.stage.meter.shut(self.rest)[0]


def joins(groups: Held) -> Costs:
    """Of a group that nobody holds, and of groups that somebody holds."""
    (probe,) = groups.stage.meter.open()
    costs = {}
    for join, leave, number in (
        ("join_first", "leave_last_youngest", groups.count),
        ("join_again_youngest", "leave_again_youngest", groups.count - 1),
        ("join_again_oldest", "leave_again_oldest", 0),
    ):
        pairs = [(groups.join(probe, number), groups.leave(probe, number)) for _ in range(SAMPLES)]
        costs[join] = median(joined for (joined,), _ in pairs)
        costs[leave] = median(left for _, (left,) in pairs)
    groups.stage.meter.shut(probe)
    return costs


def last_leaves(groups: Held) -> Costs:
    """Of the oldest groups by their only holders, which come back."""
    costs = []
    for number, sock in enumerate(groups.oldest[:SAMPLES]):
        costs += groups.leave(sock, number)
        groups.join(sock, number)
    return {"leave_last_oldest": median(costs)}


def solicitations(groups: Held) -> Costs:
    """Of a packet, beyond what a solicitation costs that is dropped at the door.

    How many groups share the bucket in which one looks for the absent one is chance, and another in
    each boot: it is asked for several.
    """
    oldest, youngest = 0, groups.count - 1
    stage, row = groups.stage, groups.row
    return {
        "ns_floor": packet(stage, solicitation(row.address(oldest), PASSED_A_ROUTER)),
        "ns_oldest": answer(stage, row.address(oldest)),
        "ns_youngest": answer(stage, row.address(youngest)),
        "ns_absent": median(answer(stage, target) for target in row.namesakes(youngest)),
    }


def answer(stage: Stage, target: str) -> float:
    """Beyond the floor."""
    floor = packet(stage, solicitation(target, PASSED_A_ROUTER))
    return packet(stage, solicitation(target)) - floor


def connections(groups: Held) -> Costs:
    """Of a SYN to the host's own address, and to a group that the listener has not joined."""
    return {
        "syn_own": packet(groups.stage, syn(HOST)),
        "syn_group": packet(groups.stage, syn(groups.row.address(0))),
    }


def packet(stage: Stage, frame: str) -> float:
    stage.meter.send(frame, 1, PACKETS)
    return median(stage.meter.send(frame, SAMPLES, PACKETS)) / PACKETS


def binds(groups: Held) -> Costs:
    meter = groups.stage.meter
    own, errno = meter.bind(HOST, SAMPLES)
    assert errno == 0
    group, _ = meter.bind(groups.row.address(0), SAMPLES)
    return {"bind_own": median(own), "bind_group": median(group)}


def listings(groups: Held) -> Costs:
    """Of a group: by /proc, and by netlink."""
    meter = groups.stage.meter
    times = 3 if groups.count >= 1000 else SAMPLES
    costs, lines = meter.read("/proc/thread-self/net/anycast6", times)
    assert lines == groups.count
    dumps, count = meter.dump(times)
    assert count == groups.count
    return {"proc": median(costs) / groups.count, "dump": median(dumps) / groups.count}


def closing(groups: Held) -> Costs:
    """Of a group; the groups are gone then."""
    groups.gather()
    return {"close": groups.close() / groups.count}


ALL = (joins, solicitations, connections, binds, listings, last_leaves, closing)


def measure(stage: Stage, row: Row, count: int) -> Costs:
    groups = Held(stage, row, count)
    costs: Costs = {}
    for operation in ALL:
        costs |= operation(groups)
    return costs


def many(stage: Stage, row: Row, count: int) -> Costs:
    """Of a group when there are very many: joining the last ones, listing all, closing."""
    groups = Held(stage, row, count)
    (probe,) = stage.meter.open()
    costs = {"join_first": median(groups.join(probe, count, SAMPLES))}
    stage.meter.shut(probe)
    read, lines = stage.meter.read("/proc/thread-self/net/anycast6", 1)
    assert lines == count
    return costs | {"proc": read[0] / count} | closing(groups)
