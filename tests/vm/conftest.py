# SPDX-License-Identifier: GPL-2.0
"""Fixtures: the implementation under test, links to run on, and the checks after each scenario."""

import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

pytest.register_assert_rewrite("harness")

# ruff: noqa: E402 - the rewriting must be asked for before the import
from harness import column, skips, smoke
from harness.defect import Defect
from harness.kernel import fault, home_agent, kmemleak
from harness.kernel import implementation as implementations
from harness.kernel.accounts import Accounts
from harness.kernel.home_agent import HomeAgent, MobileNode
from harness.kernel.log import KernelLog
from harness.reports import Reports
from harness.seed import Seed
from harness.skips import Skips
from harness.stress.scene import Scene, laid_out
from harness.stress.sharing import Sharing
from harness.stress.soak import Recorder, Soak, is_soak
from harness.topology.host import Host
from harness.topology.lan import Bridged, Cable
from harness.topology.second import Second, second_device
from harness.views.observer import Observer
from harness.wire.ndisc import Peer

MARKERS = {
    column.SAME_IN_C: "C's column of a scenario that expects the same of both; set by itself",
    "module_only": "what the scenario is about is not in C",
    "ordinary_kernel": "says nothing, or cannot be, on a slow one",
    "smoke(*cases)": "one of `scripts/test --smoke`; of its cases those named alone, if any are",
    "stress": "goes by chance: takes the fixture `soak`, which says for how long",
}
SEED = pytest.StashKey[Seed]()
# Scenarios that only the debug kernel has the means for; there they fail if it has not.
collect_ignore = (
    []
    if fault.FAIL_NTH.exists() or skips.kernel() == "debug"
    else ["stress/test_failed_allocations.py"]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--implementation",
        choices=implementations.ALL,
        help="run only the scenarios of this implementation (default: both, and the takeover)",
    )
    parser.addoption(
        "--slow-kernel",
        action="store_true",
        help="for the debug kernel: smaller numbers and longer glimpses, without what tests the "
        "tests or the memory taken, without built-in C but for the takeover from it and back to it",
    )
    parser.addoption(
        "--soak",
        type=int,
        default=0,
        metavar="PERCENT",
        help="of the full lengths of scenarios of chance (default: 0, a glimpse of each)",
    )
    parser.addoption(
        "--soak-results",
        type=Path,
        metavar="FILE",
        help="to which lines of JSON are added that tell of these scenarios",
    )
    parser.addoption(
        "--reports",
        type=Path,
        metavar="FILE",
        help="to which lines of JSON are added for scripts/test-summary",
    )
    parser.addoption(
        "--leaks",
        action="store_true",
        help="search for leaked memory now and then and in the end (debug kernel; minutes)",
    )
    parser.addoption(
        "--taken",
        type=Path,
        metavar="DIR",
        help="share the scenarios with the VMs that see the same directory, empty in the beginning",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Neither the module's column nor the search for leaks is left out in silence."""
    if config.getoption("--leaks") and not kmemleak.is_there():
        raise pytest.UsageError("--leaks: this kernel has no kmemleak; boot the debug kernel")
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.stash[SEED] = Seed()
    config.pluginmanager.register(config.stash[SEED])
    config.pluginmanager.register(Skips(skips.kernel()))
    if config.getoption("--soak-results"):
        config.pluginmanager.register(Recorder(config.getoption("--soak-results")))
    if config.getoption("--reports"):
        config.pluginmanager.register(Reports(config.getoption("--reports"), config))
    if config.getoption("--taken"):
        config.pluginmanager.register(Sharing(config.getoption("--taken"), column_of_file))
    if config.getoption("--implementation") == implementations.BUILTIN_C:
        return
    modules = (
        implementations.module_path,
        implementations.caller_path,
        implementations.foreign_path,
        implementations.home_agent_path,
    )
    for path in (module() for module in modules):
        if not path.exists():
            raise pytest.UsageError(
                f"module not found: {path}; build it first, or choose --implementation builtin-c"
            )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "implementation" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("module_only")
        columns = (implementations.MODULE,) if only else implementations.ALL
        metafunc.parametrize("implementation", columns, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Few switches: first all of built-in C, then the takeover, then all of the module."""
    for item in filter(is_soak, items):
        item.add_marker("stress")
    column.mark(items)
    smoke.choose(config, items)
    order = {implementations.BUILTIN_C: 0, None: 1, implementations.MODULE: 2}
    items.sort(key=lambda item: order[column.of(item)])
    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = filter(is_wanted, items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield
    for argument in getattr(item, "funcargs", {}).values():
        if isinstance(argument, Defect):
            argument.conclude()


def is_wanted(item: pytest.Item) -> bool:
    implementation = column.of(item)
    if item.config.getoption("--slow-kernel") and (
        implementation == implementations.BUILTIN_C or item.get_closest_marker("ordinary_kernel")
    ):
        return False
    return item.config.getoption("--implementation") in {None, implementation}


def column_of_file(item: pytest.Item) -> str:
    """What goes together when several VMs share the scenarios."""
    return f"{item.path.stem}-{column.of(item) or 'takeover'}"


@pytest.fixture
def implementation(request: pytest.FixtureRequest) -> str:
    """The name of the implementation the scenario runs against, which is live."""
    implementations.switch_to(request.param)
    return request.param


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """Of whatever a scenario does at random."""
    return request.config.stash[SEED].value


@pytest.fixture
def rng(seed: str) -> random.Random:
    """For a scenario that makes its random choices itself."""
    return random.Random(seed)


@pytest.fixture
def program_seed(rng: random.Random) -> int:
    """For the program of tests/sockopts, which names it with each difference."""
    return rng.randrange(2**32)


@pytest.fixture
def many(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How many of something that an ordinary kernel does so many of: a tenth on a slow one."""
    divisor = 10 if request.config.getoption("--slow-kernel") else 1
    return lambda number: number // divisor


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> Soak:
    """How long to go on, and where to tell what was done."""
    options = request.config.option
    return Soak(options.soak, slow_kernel=options.slow_kernel)


@pytest.fixture
def defect(implementation: str) -> Defect:
    """For scenarios of what built-in C does wrong."""
    return Defect(implementation)


@pytest.fixture(scope="session")
def leaks(request: pytest.FixtureRequest) -> Iterator[kmemleak.Leaks | None]:
    """The search for leaked memory, if it was asked for; it ends when everything else has."""
    if not request.config.getoption("--leaks"):
        yield None
        return
    search = kmemleak.Leaks()
    yield search
    search.search_all()


@pytest.fixture(scope="session", autouse=True)
def as_found(leaks: kmemleak.Leaks | None) -> Iterator[None]:
    """The session ends with built-in C, as it began."""
    yield
    implementations.switch_to(implementations.BUILTIN_C)


@pytest.fixture(scope="module", autouse=True)
def searched(leaks: kmemleak.Leaks | None) -> Iterator[None]:
    yield
    if leaks and leaks.is_due():
        leaks.search()


@pytest.fixture(autouse=True)
def watched(leaks: kmemleak.Leaks | None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Memory that the scenario leaks has its name."""
    with leaks.watched(request.node.nodeid) if leaks else nullcontext():
        yield


@pytest.fixture(autouse=True)
def accounts(kernel_log: KernelLog) -> Iterator[None]:
    """The scenario gives back what it made; a complaint of the kernel's counts as its own."""
    before = Accounts()
    yield
    before.close()


@pytest.fixture(autouse=True)
def kernel_log() -> Iterator[KernelLog]:
    """The log of the scenario, which fails when the kernel complained."""
    log = KernelLog()
    yield log
    complaints = log.complaints()
    log.close()
    assert complaints == []


@pytest.fixture
def cable(request: pytest.FixtureRequest) -> Iterator[Cable]:
    """A scenario may ask for another kind of cable by a parameter, a function that builds it."""
    link = getattr(request, "param", Cable.build)()
    yield link
    finish(request.node, *link.hosts)


@pytest.fixture
def bridged(request: pytest.FixtureRequest) -> Iterator[Bridged]:
    link = Bridged.build()
    yield link
    finish(request.node, *link.hosts)
    link.switch.close()


@pytest.fixture
def leaver(bridged: Bridged) -> Host:
    """Answers solicitations first, so that clients use it until it leaves."""
    host = bridged.servers[0]
    host.proxy_delay(0)
    return host


@pytest.fixture
def server(cable: Cable) -> Host:
    return cable.server


@pytest.fixture
def client(cable: Cable) -> Host:
    return cable.client


@pytest.fixture
def peer(cable: Cable) -> Peer:
    """The client as it asks the server for addresses; answers are not delayed."""
    cable.server.proxy_delay(0)
    return Peer(cable.client, cable.server)


@pytest.fixture
def undelayed(server: Host) -> None:
    """Neighbour discovery is not the subject here."""
    server.proxy_delay(0)


@pytest.fixture
def other(server: Host) -> Iterator[Second]:
    """A further device of the server's."""
    with second_device(server) as device:
        yield device


@pytest.fixture
def observer(cable: Cable) -> Observer:
    return Observer(cable)


@pytest.fixture
def scene(cable: Cable, observer: Observer, seed: str) -> Iterator[Scene]:
    with laid_out(cable, observer, seed) as scene:
        yield scene


@pytest.fixture
def agent(server: Host) -> Iterator[HomeAgent]:
    """The server, which may become a home agent."""
    implementations.switch_to(implementations.MODULE)
    with home_agent.loaded():
        yield HomeAgent(server)


@pytest.fixture
def serving(agent: HomeAgent) -> HomeAgent:
    agent.serve(agent.host.address)
    return agent


@pytest.fixture
def node(client: Host, server: Host) -> MobileNode:
    return MobileNode(client, server)


@pytest.fixture
def home_link(server: Host) -> Iterator[str]:
    with home_agent.home_link(server) as device:
        yield device


def finish(item: pytest.Item, *hosts: Host) -> None:
    """Close everything, then look for what is left, then let the namespaces go."""
    for host in hosts:
        host.shut()
    try:
        for host in hosts:
            host.assert_nothing_left(counted=column.of(item) == implementations.MODULE)
    finally:
        for host in hosts:
            host.namespace.close()
