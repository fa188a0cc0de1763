# SPDX-License-Identifier: GPL-2.0
"""Where it is measured: a client and two members of a group on a bridge (harness/topology/lan.py).

The client uses `leaver`, which goes, and then `other`. The leaver answers solicitations without the
usual random delay, so its answer is the first one.
"""

import os
import signal
import socket
from contextlib import suppress

from pyroute2.netlink.rtnl.ndmsg import ndmsg

from harness.process.child import Child
from harness.topology.lan import GROUP, Bridged
from harness.views import settings
from harness.views.control import Control
from harness.views.stat import stat
from harness.wait import eventually
from harness.wire.conversation import PORT, Conversation, answer, served

REACHABLE = 0x02  # NUD_REACHABLE
# Milliseconds.
BASE_REACHABLE_TIME = 30_000
NEIGHBOURS = "ipv6/neigh/veth-client/base_reachable_time_ms"
HEARTBEAT = "ipv6/anycast6/heartbeat"


class Site:
    def __init__(self) -> None:
        self._link = Bridged.build()
        self.client = self._link.client
        self.leaver, self.other = self._link.servers
        self.leaver.proxy_delay(0)
        served(self.other, GROUP)

    def hold(self) -> Child:
        """A program on the leaver that serves the group, and that ends in peace when it is told."""
        sock = self.leaver.member(GROUP)
        sock.bind(("::", PORT))
        program = self.leaver.child(lambda: _serve(sock, self.leaver.name.encode()))
        sock.close()
        return program

    def talk(self) -> Conversation:
        """The client uses the leaver, and the other member's later answer has come, too."""
        self.client.namespace.ip("neigh", "flush", "dev", self.client.device)
        conversation = Conversation(self.client, GROUP)
        conversation.until(self.leaver.name)
        eventually("both have answered", lambda: self._entry()["state"] != REACHABLE)
        conversation.until(self.leaver.name, times=20)
        return conversation

    def confirm(self) -> None:
        """What the client's next probe of the leaver would do.

        How long the entry counts as confirmed is up to chance, and the kernel makes up its mind
        again when the setting is written.
        """
        namespace = self.client.namespace
        namespace.sysctl(NEIGHBOURS, str(BASE_REACHABLE_TIME))
        namespace.rtnl.neigh(
            "change",
            dst=GROUP,
            lladdr=self.leaver.mac,
            ifindex=self.client.ifindex,
            state=REACHABLE,
        )

    def _entry(self) -> ndmsg:
        entries = self.client.namespace.rtnl.get_neighbours(ifindex=self.client.ifindex)
        (entry,) = [entry for entry in entries if entry.get_attr("NDA_DST") == GROUP]
        return entry

    # What the module has.

    def set_handover(self, *, stock: bool) -> None:
        """A member with handover switched off is on the wire what a host with C is."""
        settings.handover(self.other.namespace, wanted=not stock)

    def heartbeat(self, milliseconds: int) -> None:
        for host in self.leaver, self.other:
            host.namespace.sysctl(HEARTBEAT, str(milliseconds))

    def drain(self, milliseconds: int) -> None:
        control = Control(self.leaver)
        control.drain(self.leaver.ifindex, GROUP, milliseconds)
        control.sock.close()

    def peers_known(self) -> int:
        """How often the leaver has heard of the other member."""
        return stat(self.leaver.namespace)["member_answers"]

    # How the leaver goes, and comes again.

    def unplug(self) -> None:
        """As a power cut: no frame leaves any more. The leaver does not notice."""
        self._port(0)

    def plug(self) -> None:
        self._port(self._link.switch.index_of("bridge"))

    def _port(self, bridge: int) -> None:
        switch = self._link.switch
        switch.rtnl.link("set", index=switch.index_of(self.leaver.name), master=bridge)

    def clear(self, program: Child) -> None:
        """Until the leaver is as before."""
        program.kill()
        eventually("the leaver has gone", lambda: self.leaver.groups() == [])

    def close(self) -> None:
        for host in self._link.hosts:
            host.shut()
            host.namespace.close()
        self._link.switch.close()


def _serve(sock: socket.socket, name: bytes) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sock.close())
    with suppress(OSError):
        answer(sock, name)


def told(program: Child) -> None:
    """The program closes its socket."""
    os.kill(program.pid, signal.SIGTERM)


def killed(program: Child) -> None:
    os.kill(program.pid, signal.SIGKILL)
