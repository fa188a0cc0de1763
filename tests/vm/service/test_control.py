# SPDX-License-Identifier: GPL-2.0
"""The netlink family: what it shows, who may change what, and what it says to bad requests."""

import errno
import itertools
import os
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv6Address

import pytest

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.kernel.implementation import MODULE
from harness.process.child import Child
from harness.process.privilege import (
    NOBODY,
    become_nobody,
    nobody_as_owner,
    nobody_as_root_elsewhere,
    root_of_user_namespace,
    without_net_admin,
)
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND
from harness.topology.second import Second
from harness.views import settings
from harness.views.control import (
    ADDRESS,
    CHANGED,
    DORMANT,
    DRAINING,
    ENDED,
    INDEX,
    OFF,
    PUBLISHED,
    SUSPENDED,
    YIELDING,
    Answer,
    Control,
    ControlError,
    Holder,
    Listener,
    answer,
)
from harness.views.members import SO_COOKIE, members
from harness.wait import eventually, settled

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

MANY = 2000
LONG, SHORT = 60_000, 300
# An attribute that no group has.
UNKNOWN = 42
CHANGES = ("suspend", "resume", "drain", "lease")
OK = Answer("OK")


@pytest.fixture
def control(implementation: str, server: Host) -> Control:
    assert implementation == MODULE
    return Control(server)


def is_listed(host: Host, address: str = GROUP) -> bool:
    return address in [group.address for group in host.groups()]


def order(control: Control, operation: str, ifindex: int = IFINDEX, address: str = GROUP) -> None:
    """With a time, if it takes one."""
    time = (LONG,) if operation in ("drain", "lease") else ()
    getattr(control, operation)(ifindex, address, *time)


class TestShown:
    """What is shown agrees with all that shows groups otherwise."""

    @pytest.mark.smoke
    def test_groups(self, server: Host, control: Control, other: Second) -> None:
        sock = server.member(GROUP, GROUP, LINK_LOCAL_GROUP)
        anycast.join(sock, SECOND, other.ifindex)
        seen = control.groups()
        assert {(one.device, one.address, one.holders) for one in seen} == {
            tuple(group) for group in server.groups()
        }
        assert {one.state for one in seen} == {PUBLISHED}
        assert len(seen) == 3
        for one in seen:
            assert control.group(one.ifindex, one.address)._replace(since=0) == one._replace(
                since=0
            )
            assert (one.peer, one.drain, one.lease) == (None, None, None)
        assert {one.address for one in control.groups(other.ifindex)} == {SECOND}
        assert {one.address for one in control.groups(IFINDEX)} == {GROUP, LINK_LOCAL_GROUP}
        assert control.groups(4711) == []

    def test_states_that_nobody_asked_for(self, server: Host, control: Control) -> None:
        settings.admission(server.namespace, settings.ON_LINK)
        sock = server.open()
        join = partial(anycast.join, sock, GROUP, IFINDEX)
        assert child_answers(server, become_nobody, join) == OK
        server.forwarding(True)
        settings.subnet_router(server.namespace, wanted=False)
        becomes(control, OFF, address=PREFIX)
        server.namespace.add_address(server.device, GROUP)
        becomes(control, YIELDING)
        server.namespace.delete_address(server.device, GROUP)
        becomes(control, PUBLISHED)
        server.namespace.rtnl.link("set", index=IFINDEX, state="down")
        becomes(control, DORMANT)
        server.configure()
        becomes(control, PUBLISHED)
        settings.subnet_router(server.namespace, wanted=True)

    def test_states_of_members(self, server: Host, control: Control) -> None:
        """The file of holders has the same words."""
        server.member(GROUP)
        for operation, state in (
            ("drain", DRAINING),
            ("suspend", SUSPENDED),
            ("resume", PUBLISHED),
        ):
            order(control, operation)
            assert [hold.state for hold in members(server.namespace)] == [state]
            assert control.state(IFINDEX, GROUP) == state
            assert is_listed(server) == (state != SUSPENDED)

    def test_since(self, server: Host, control: Control) -> None:
        """Counts from the last change of the state."""
        server.member(GROUP)
        eventually("time goes on", lambda: since(control) > 100)
        control.suspend(IFINDEX, GROUP)
        first = since(control)
        assert first < 100
        eventually("time goes on", lambda: since(control) > first)
        before = since(control)
        control.suspend(IFINDEX, GROUP)
        assert since(control) >= before

    def test_times(self, server: Host, control: Control) -> None:
        server.member(GROUP)
        control.lease(IFINDEX, GROUP, LONG)
        control.drain(IFINDEX, GROUP, LONG)
        seen = control.group(IFINDEX, GROUP)
        assert 0 < (seen.drain or 0) <= LONG
        assert 0 < (seen.lease or 0) <= LONG
        control.lease(IFINDEX, GROUP, 0)
        control.resume(IFINDEX, GROUP)
        seen = control.group(IFINDEX, GROUP)
        assert (seen.drain, seen.lease) == (None, None)
        longest = 2**32 - 1
        control.lease(IFINDEX, GROUP, longest)
        assert longest - 60_000 < (control.group(IFINDEX, GROUP).lease or 0) <= longest

    def test_other_namespaces(self, server: Host, client: Host, control: Control) -> None:
        """Each shows and changes its own: both devices have the same index here."""
        server.member(GROUP)
        client.member(SECOND)
        elsewhere = Control(client)
        assert {one.address for one in elsewhere.groups()} == {SECOND}
        assert answer(lambda: elsewhere.suspend(client.ifindex, GROUP)).result == "ENOENT"
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_holders(self, server: Host, control: Control) -> None:
        first, second = server.member(GROUP, SECOND), server.member(GROUP)
        server.forwarding(True)
        with caller.loaded():
            Caller(server).inc(SECOND)
            seen = control.holders()
        cookies = [
            int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), "little")
            for sock in (first, first, second)
        ]
        sockets = zip((GROUP, SECOND, GROUP), cookies, strict=True)
        expected = [
            Holder(IFINDEX, address, "socket", cookie=cookie, uid=0, pid=os.getpid())
            for address, cookie in sockets
        ]
        expected.append(Holder(IFINDEX, SECOND, "module", module=caller.NAME))
        expected += [Holder(IFINDEX, one, "addrconf", count=1) for one in (PREFIX, "fe80::")]
        assert seen == sorted(expected, key=repr)

    def test_many(self, server: Host, control: Control, many: Callable[[int], int]) -> None:
        """More than a message has room for: each group, once."""
        addresses = numbered(many(MANY))
        server.namespace.sysctl("core/optmem_max", str(2**20))
        sock = server.member(*addresses)
        shown = [one.address for one in control.groups()]
        assert sorted(shown) == sorted(addresses)
        assert len(control.holders()) == len(addresses)
        sock.close()
        assert control.groups() == []

    def test_many_while_others_come_and_go(
        self, server: Host, control: Control, many: Callable[[int], int]
    ) -> None:
        addresses = numbered(many(MANY))
        server.namespace.sysctl("core/optmem_max", str(2**20))
        sock = server.member(*addresses)

        def churn() -> None:
            mine = server.open()
            for number in itertools.count():
                address = f"{PREFIX}b:{number % 50:x}"
                anycast.join(mine, address, IFINDEX)
                anycast.leave(mine, address, IFINDEX)

        child = server.child(churn)
        for _ in range(5):
            shown = [one.address for one in control.groups()]
            assert len(set(shown)) == len(shown)
            assert set(addresses) <= set(shown)
        child.kill()
        sock.close()


def numbered(count: int) -> list[str]:
    return [f"{PREFIX}a:{number:x}" for number in range(1, count + 1)]


def since(control: Control) -> int:
    value = control.group(IFINDEX, GROUP).since
    assert value is not None
    return value


def becomes(control: Control, *states: str | None, address: str = GROUP) -> None:
    last = settled(lambda: control.state(IFINDEX, address), *states)
    assert last in states


class TestBadRequests:
    """They are refused with words, and change nothing."""

    @pytest.fixture(autouse=True)
    def unchanged(self, server: Host, control: Control) -> Iterator[None]:
        server.member(GROUP)
        listener = Listener(server)
        yield
        assert control.state(IFINDEX, GROUP) == PUBLISHED
        assert control.group(IFINDEX, GROUP).lease is None
        assert listener.all(GROUP) == []

    @pytest.mark.parametrize("operation", ["group-get", *CHANGES])
    def test_no_such_group(self, control: Control, operation: str) -> None:
        """Nor can any be of these addresses."""
        for address in SECOND, "ff02::1", "::", "::ffff:192.0.2.1":
            with pytest.raises(ControlError) as refused:
                ask(control, operation, IFINDEX, address)
            assert refused.value.errno == errno.ENOENT, address
            assert refused.value.text == "the device has no such group"
            assert refused.value.attribute == "address"

    @pytest.mark.parametrize("operation", ["group-get", *CHANGES])
    def test_no_such_device(self, control: Control, operation: str) -> None:
        for ifindex in 4711, 2**31 - 1:
            with pytest.raises(ControlError) as refused:
                ask(control, operation, ifindex, GROUP)
            assert refused.value.errno == errno.ENODEV
            assert refused.value.text == "there is no such device"
            assert refused.value.attribute == "ifindex"

    def test_device_without_groups(self, server: Host, control: Control) -> None:
        loopback = server.namespace.index_of("lo")
        with pytest.raises(ControlError, match="the device has no such group") as refused:
            control.suspend(loopback, GROUP)
        assert refused.value.errno == errno.ENOENT

    @pytest.mark.parametrize("operation", ["group-get", *CHANGES])
    def test_missing(self, control: Control, operation: str) -> None:
        present = {"ifindex": IFINDEX, "address": GROUP}
        if operation in ("drain", "lease"):
            present["time"] = LONG
        for missing in present:
            rest = {name: value for name, value in present.items() if name != missing}
            with pytest.raises(ControlError) as refused:
                control._ask(operation, rest)
            assert refused.value.errno == errno.EINVAL
            assert refused.value.text == "an attribute is missing"
            assert refused.value.attribute == missing

    # What is wrong, what the kernel says, and how far behind the headers.
    WRONG = (
        ([(INDEX, (0).to_bytes(4, "little"))], "integer out of range", 20),
        ([(INDEX, (2**31).to_bytes(4, "little"))], "integer out of range", 20),
        ([(INDEX, b"\x0b\0")], "invalid attribute length", 20),
        ([(ADDRESS, bytes(15))], "size out of range", 20),
        ([(ADDRESS, bytes(17))], "size out of range", 20),
        (
            [(INDEX, (11).to_bytes(4, "little")), (ADDRESS, bytes(4))],
            "size out of range",
            28,
        ),
        ([(UNKNOWN, b"x")], "Unknown attribute type", 20),
    )

    @pytest.mark.parametrize("operation", ["group-get", *CHANGES])
    @pytest.mark.parametrize(("attributes", "text", "offset"), WRONG)
    def test_against_the_policy(
        self,
        control: Control,
        operation: str,
        attributes: list[tuple[int, bytes]],
        text: str,
        offset: int,
    ) -> None:
        with pytest.raises(ControlError) as refused:
            control.raw(operation, *attributes)
        assert refused.value.errno in (errno.EINVAL, errno.ERANGE)
        assert text in refused.value.text
        assert refused.value.offset == offset

    @pytest.mark.parametrize("operation", ["suspend", "resume", "group-get"])
    def test_time_where_none_is_taken(self, control: Control, operation: str) -> None:
        with pytest.raises(ControlError, match="Unknown attribute type"):
            control._ask(operation, {"ifindex": IFINDEX, "address": GROUP, "time": 1})

    def test_dump_against_the_policy(self, control: Control) -> None:
        for attribute in (INDEX, bytes(4)), (ADDRESS, bytes(16)):
            with pytest.raises(ControlError) as refused:
                control.raw("group-get", attribute, dump=True)
            assert refused.value.errno in (errno.EINVAL, errno.ERANGE)

    def test_drain_without_time(self, control: Control) -> None:
        with pytest.raises(ControlError) as refused:
            control.drain(IFINDEX, GROUP, 0)
        assert refused.value.errno == errno.EINVAL
        assert refused.value.text == "a drain takes at least a millisecond"
        assert refused.value.attribute == "time"

    def test_trailing_bytes(self, control: Control) -> None:
        """Attributes of which the end is missing."""
        index, address = (11).to_bytes(4, "little"), IPv6Address(GROUP).packed
        for operation in CHANGES:
            with pytest.raises(ControlError):
                control.raw(operation, (INDEX, index), (ADDRESS, address[:7]))


def ask(control: Control, operation: str, ifindex: int, address: str) -> None:
    if operation == "group-get":
        control.group(ifindex, address)
    else:
        order(control, operation, ifindex, address)


def test_drain_of_a_suspended_group(server: Host, control: Control) -> None:
    server.member(GROUP)
    control.suspend(IFINDEX, GROUP)
    with pytest.raises(ControlError, match="the group is suspended") as refused:
        control.drain(IFINDEX, GROUP, LONG)
    assert refused.value.errno == errno.EINVAL
    assert control.state(IFINDEX, GROUP) == SUSPENDED


def child_answers(
    host: Host, become: Callable[[], object], request: Callable[[], object]
) -> Answer:
    """Of another process on the host, which is somebody else."""

    def work() -> Answer:
        become()
        try:
            return answer(request)
        except OSError as error:
            return Answer(errno.errorcode[error.errno or 0])

    return host.child(work).result()


def nobody_joins(host: Host, *addresses: str) -> socket.socket:
    """The socket is open here, too."""
    settings.admission(host.namespace, settings.ON_LINK)
    sock = host.open()
    for address in addresses or (GROUP,):
        join = partial(anycast.join, sock, address, IFINDEX)
        assert child_answers(host, become_nobody, join) == OK
    return sock


def nobody_asks(host: Host, operation: str, address: str = GROUP) -> Answer:
    return child_answers(host, become_nobody, lambda: order(Control(), operation, address=address))


NOT_HELD = Answer("EPERM", "this takes CAP_NET_ADMIN, or a user who holds the group")
SHARED = Answer("EPERM", "others hold the group, too: this takes CAP_NET_ADMIN")
ADMINISTRATORS = Answer(
    "EPERM", "the administrator has asked for what is now: this takes CAP_NET_ADMIN"
)
OTHER_SOCKET = Answer("EPERM", "another user has opened the socket")


class TestWhoMay:
    @pytest.mark.parametrize("operation", CHANGES)
    def test_only_holder(self, server: Host, operation: str) -> None:
        nobody_joins(server)
        assert nobody_asks(server, operation) == OK

    def test_well_known_address(self, server: Host, control: Control) -> None:
        """Which everybody may join without any setting."""
        address = PREFIX.removesuffix(":") + "0:fdff:ffff:ffff:ff80"
        sock = server.open()
        join = partial(anycast.join, sock, address, IFINDEX)
        assert child_answers(server, become_nobody, join) == OK
        assert nobody_asks(server, "suspend", address) == OK
        assert control.state(IFINDEX, address) == SUSPENDED
        assert nobody_asks(server, "resume", address) == OK
        assert control.state(IFINDEX, address) == PUBLISHED

    @pytest.mark.parametrize("operation", CHANGES)
    def test_not_of_root(self, server: Host, control: Control, operation: str) -> None:
        server.member(GROUP)
        assert nobody_asks(server, operation) == NOT_HELD
        assert control.state(IFINDEX, GROUP) == PUBLISHED
        assert control.group(IFINDEX, GROUP).lease is None

    @pytest.mark.parametrize("operation", CHANGES)
    def test_not_shared(self, server: Host, control: Control, operation: str) -> None:
        nobody_joins(server)
        sock = server.member(GROUP)
        assert nobody_asks(server, operation) == SHARED
        assert control.state(IFINDEX, GROUP) == PUBLISHED
        sock.close()
        assert nobody_asks(server, operation) == OK

    def test_not_shared_with_the_kernel(self, server: Host) -> None:
        nobody_joins(server)
        with caller.loaded():
            Caller(server).inc(GROUP)
            assert nobody_asks(server, "suspend") == SHARED
        assert nobody_asks(server, "suspend") == OK

    def test_not_shared_with_addrconf(self, server: Host) -> None:
        nobody_joins(server, PREFIX)
        server.forwarding(True)
        assert nobody_asks(server, "suspend", PREFIX) == SHARED

    def test_not_of_another_user(self, server: Host, control: Control) -> None:
        def become_somebody() -> None:
            os.setgroups([])
            os.setresgid(NOBODY - 1, NOBODY - 1, NOBODY - 1)
            os.setresuid(NOBODY - 1, NOBODY - 1, NOBODY - 1)

        nobody_joins(server)
        suspend = lambda: Control().suspend(IFINDEX, GROUP)  # noqa: E731
        assert child_answers(server, become_somebody, suspend) == NOT_HELD
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_root_without_privilege(self, server: Host, control: Control) -> None:
        """Is a user like others: it may change what root alone holds."""
        server.member(GROUP)

        def work() -> Answer:
            with without_net_admin():
                return answer(lambda: Control().suspend(IFINDEX, GROUP))

        assert server.child(work).result() == OK
        nobody_joins(server, SECOND)

        def not_held() -> Answer:
            with without_net_admin():
                return answer(lambda: Control().suspend(IFINDEX, SECOND))

        assert server.child(not_held).result() == NOT_HELD
        assert control.state(IFINDEX, SECOND) == PUBLISHED

    def test_privileged(self, server: Host, control: Control) -> None:
        nobody_joins(server)
        for operation, state in (
            ("drain", DRAINING),
            ("suspend", SUSPENDED),
            ("resume", PUBLISHED),
        ):
            order(control, operation)
            assert control.state(IFINDEX, GROUP) == state

    def test_user_namespace_of_others(self, server: Host, control: Control) -> None:
        """Root of a user namespace, in a network namespace that is not that one's."""
        server.member(GROUP)
        suspend = lambda: Control().suspend(IFINDEX, GROUP)  # noqa: E731
        assert child_answers(server, nobody_as_root_elsewhere, suspend) == NOT_HELD
        assert child_answers(server, root_of_user_namespace, suspend) == OK  # the user holds it
        assert control.state(IFINDEX, GROUP) == SUSPENDED

    def test_user_namespace_of_ones_own(self) -> None:
        """Which owns the network namespace: any group there."""

        def work() -> list[str | None]:
            nobody_as_owner()
            setting = settings.DIRECTORY.parent / "conf" / "lo" / "forwarding"
            setting.write_text("1", encoding="ascii")
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                anycast.join(sock, LINK_LOCAL_GROUP, 1)
                control = Control()
                control.suspend(1, LINK_LOCAL_GROUP)
                states = [control.state(1, LINK_LOCAL_GROUP)]
                control.resume(1, LINK_LOCAL_GROUP)
                states.append(control.state(1, LINK_LOCAL_GROUP))
                assert [one.uid for one in control.holders()] == [0]
            return states

        assert Child(work).result() == [SUSPENDED, DORMANT]

    def test_socket_of_another_user(self, server: Host, control: Control) -> None:
        """Neither who opens a socket for somebody else, nor who gets one, gains by it."""
        nobody_joins(server, GROUP)
        server.member(SECOND)
        of_root = Control(server)

        def with_roots_socket() -> tuple[Answer, Answer]:
            become_nobody()
            return (
                answer(lambda: of_root.suspend(IFINDEX, GROUP)),
                answer(lambda: of_root.suspend(IFINDEX, SECOND)),
            )

        assert server.child(with_roots_socket).result() == (OTHER_SOCKET, OTHER_SOCKET)
        assert {one.state for one in control.groups()} == {PUBLISHED}

    def test_everybody_sees_groups(self, server: Host) -> None:
        """But who holds them is for the administrator only."""
        server.member(GROUP)

        def work() -> tuple[list[str], Answer]:
            become_nobody()
            control = Control()
            return [one.address for one in control.groups()], answer(control.holders)

        seen, holders = server.child(work).result()
        assert seen == [GROUP]
        assert holders.result == "EPERM"


class TestEnds:
    """What a user has asked for ends with the user's hold, and when others hold the group, too."""

    def test_another_joins(self, server: Host, control: Control) -> None:
        nobody_joins(server)
        assert nobody_asks(server, "suspend") == OK
        assert not is_listed(server)
        sock = server.member(GROUP)
        assert control.state(IFINDEX, GROUP) == PUBLISHED
        sock.close()
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_kernel_joins(self, server: Host, control: Control) -> None:
        nobody_joins(server)
        assert nobody_asks(server, "suspend") == OK
        with caller.loaded():
            Caller(server).inc(GROUP)
            assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_same_user_joins(self, server: Host, control: Control) -> None:
        nobody_joins(server)
        assert nobody_asks(server, "suspend") == OK
        nobody_joins(server)
        assert control.state(IFINDEX, GROUP) == SUSPENDED

    @pytest.mark.parametrize("operation", ["suspend", "drain", "lease"])
    def test_last_hold(self, server: Host, control: Control, operation: str) -> None:
        """The group that is founded anew knows nothing of it."""
        first = nobody_joins(server)
        second = nobody_joins(server)
        assert nobody_asks(server, operation) == OK
        state = control.state(IFINDEX, GROUP)
        first.close()
        assert control.state(IFINDEX, GROUP) == state
        second.close()
        assert control.state(IFINDEX, GROUP) is None
        nobody_joins(server)
        seen = control.group(IFINDEX, GROUP)
        assert (seen.state, seen.drain, seen.lease) == (PUBLISHED, None, None)

    @pytest.mark.parametrize("operation", ["suspend", "drain"])
    def test_last_hold_among_others(self, server: Host, control: Control, operation: str) -> None:
        """The administrator's own, too: what other holders get is served again."""
        nobody_joins(server)
        sock = server.member(GROUP)
        order(control, operation)
        assert control.state(IFINDEX, GROUP) != PUBLISHED
        sock.close()
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_killed(self, server: Host, control: Control) -> None:
        settings.admission(server.namespace, settings.ON_LINK)

        def work() -> None:
            become_nobody()
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            anycast.join(sock, GROUP, IFINDEX)
            Control().lease(IFINDEX, GROUP, LONG)
            Control().suspend(IFINDEX, GROUP)
            signal.pause()

        child = server.child(work)
        becomes(control, SUSPENDED)
        child.kill()
        assert control.groups() == []
        server.member(GROUP)
        assert control.group(IFINDEX, GROUP)._replace(since=0).lease is None
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    @pytest.mark.parametrize("operation", ["suspend", "drain"])
    def test_administrators(self, server: Host, control: Control, operation: str) -> None:
        """Stays against the user, and when others come and go."""
        nobody_joins(server)
        order(control, operation)
        state = control.state(IFINDEX, GROUP)
        for other in "resume", "drain", "suspend":
            assert nobody_asks(server, other) in (
                ADMINISTRATORS,
                Answer("EINVAL", "the group is suspended"),
            )
        assert nobody_asks(server, "resume") == ADMINISTRATORS
        server.member(GROUP).close()
        assert control.state(IFINDEX, GROUP) == state
        control.resume(IFINDEX, GROUP)
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_administrator_ends_a_users(self, server: Host, control: Control) -> None:
        nobody_joins(server)
        assert nobody_asks(server, "suspend") == OK
        control.resume(IFINDEX, GROUP)
        assert control.state(IFINDEX, GROUP) == PUBLISHED

    def test_roots_for_others(self, server: Host, control: Control) -> None:
        """A suspension by one who holds nothing lasts as long as the group."""
        sock = nobody_joins(server)
        control.suspend(IFINDEX, GROUP)
        sock.close()
        nobody_joins(server)
        assert control.state(IFINDEX, GROUP) == PUBLISHED


class TestNotifications:
    @pytest.mark.smoke
    def test_story(self, server: Host, control: Control) -> None:
        """Each change of a group, once, and nothing else."""
        listener = Listener(server)
        sock = server.member(GROUP)
        server.member(GROUP).close()
        for operation in "suspend", "resume", "drain", "suspend", "resume":
            for _ in range(2):
                order(control, operation)
        sock.close()
        assert listener.words(GROUP) == [
            PUBLISHED,
            SUSPENDED,
            PUBLISHED,
            DRAINING,
            SUSPENDED,
            PUBLISHED,
            ENDED,
        ]

    def test_contents(self, server: Host, control: Control) -> None:
        server.member(GROUP)
        listener = Listener(server)
        control.drain(IFINDEX, GROUP, LONG)
        event = listener.next(GROUP)
        assert event.name == CHANGED
        assert event.group[:4] == (IFINDEX, GROUP, DRAINING, server.device)
        assert event.group.holders == 1
        assert LONG - 1000 < (event.group.drain or 0) <= LONG

    def test_drain_over(self, server: Host, control: Control) -> None:
        server.member(GROUP)
        listener = Listener(server)
        control.drain(IFINDEX, GROUP, SHORT)
        assert listener.next(GROUP).group.state == DRAINING
        assert listener.next(GROUP).group.state == SUSPENDED

    def test_lease_over(self, server: Host, control: Control) -> None:
        server.member(GROUP)
        listener = Listener(server)
        control.lease(IFINDEX, GROUP, SHORT)
        event = listener.next(GROUP)
        assert (event.group.state, event.group.lease) == (SUSPENDED, 0)

    def test_other_states(self, server: Host) -> None:
        server.member(GROUP)
        listener = Listener(server)
        server.namespace.rtnl.link("set", index=IFINDEX, state="down")
        assert listener.next(GROUP).group.state == DORMANT
        server.configure()
        assert listener.next(GROUP).group.state == PUBLISHED

    def test_device_is_removed(self, server: Host, other: Second) -> None:
        sock = server.open()
        anycast.join(sock, GROUP, other.ifindex)
        listener = Listener(server)
        server.namespace.delete_device(other.name)
        words = settled(lambda: listener.words(GROUP)[-1:], [ENDED])
        assert words == [ENDED]
        assert {event.group.ifindex for event in listener.all(GROUP)} == {other.ifindex}

    def test_of_one_namespace(self, server: Host, client: Host, control: Control) -> None:
        server.member(GROUP)
        listener = Listener(client)
        control.suspend(IFINDEX, GROUP)
        client.member(GROUP)
        assert listener.words(GROUP) == [PUBLISHED]
