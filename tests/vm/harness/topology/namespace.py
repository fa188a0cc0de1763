# SPDX-License-Identifier: GPL-2.0
"""Network namespaces that live as long as somebody holds their descriptor."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyroute2 import IPRoute

# Not /proc/self: that one follows the first thread of the process, setns() acts on the caller.
PROC_NET = Path("/proc/thread-self/net")
OWN_NAMESPACE = "/proc/thread-self/ns/net"
SYSCTL = Path("/proc/sys/net")

IFA_F_NODAD = 0x02

# No duplicate address detection and no address the scenario did not ask for.
DEFAULTS = {
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/addr_gen_mode": "1",
    "ipv6/conf/default/accept_ra": "0",
    # A connection that its program has closed holds the namespace until the peer answers.
    "ipv4/tcp_orphan_retries": "1",
    "ipv4/tcp_fin_timeout": "1",
}


class Namespace:
    """One network namespace; use `inside()` to let the calling thread act in it."""

    def __init__(self) -> None:
        with restored():
            os.unshare(os.CLONE_NEWNET)
            self._fd = os.open(OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
        with self.inside():
            self.rtnl = IPRoute()
        for name, value in DEFAULTS.items():
            self.sysctl(name, value)
        self.rtnl.link("set", index=self.index_of("lo"), state="up")

    @contextmanager
    def inside(self) -> Iterator[None]:
        with restored():
            os.setns(self._fd, os.CLONE_NEWNET)
            yield

    def descriptor(self) -> int:
        """What netlink calls net_ns_fd."""
        return self._fd

    def index_of(self, device: str) -> int:
        with self.inside():
            return socket.if_nametoindex(device)

    def add_dummy(
        self, name: str, *addresses: str, index: int | None = None, up: bool = True
    ) -> int:
        """A device on which nobody else is, with addresses of prefixes of 64 bits; its index."""
        chosen = {} if index is None else {"index": index}
        self.rtnl.link("add", kind="dummy", ifname=name, **chosen)
        index = index or self.index_of(name)
        if up:
            self.rtnl.link("set", index=index, state="up")
        for address in addresses:
            self.add_address(name, address)
        return index

    def delete_device(self, name: str) -> None:
        self.rtnl.link("del", index=self.index_of(name))

    def add_address(
        self,
        device: str,
        address: str,
        prefix_length: int = 64,
        *,
        dad: bool = False,
        replace: bool = False,
    ) -> None:
        """At once usable, unless duplicate address detection is asked for.

        `replace`: it may be there already.
        """
        self.rtnl.addr(
            "replace" if replace else "add",
            index=self.index_of(device),
            address=address,
            prefixlen=prefix_length,
            flags=0 if dad else IFA_F_NODAD,
        )

    def delete_address(self, device: str, address: str, prefix_length: int = 64) -> None:
        index = self.index_of(device)
        self.rtnl.addr("del", index=index, address=address, prefixlen=prefix_length)

    def await_rtnl(self) -> None:
        """What the kernel had begun under RTNL has been done when this returns."""
        self.rtnl.link("set", index=self.index_of("lo"), state="up")

    def ip(self, *words: str) -> str:
        """Run one `ip -6` command with the given words and return what it prints."""
        return self.run("ip", "-6", *words)

    def attempt(self, *argv: str) -> subprocess.CompletedProcess[str]:
        with self.inside():
            return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    def run(self, *argv: str) -> str:
        done = self.attempt(*argv)
        assert done.returncode == 0, f"{argv}: {done.stderr.strip()}"
        return done.stdout

    def add_route(self, destination: str, device: str) -> None:
        index = self.index_of(device)
        self.rtnl.route("add", family=socket.AF_INET6, dst=destination, oif=index)

    def sysctl(self, name: str, value: str) -> None:
        with self.inside():
            (SYSCTL / name).write_text(value, encoding="ascii")

    def read_sysctl(self, name: str) -> str:
        with self.inside():
            return (SYSCTL / name).read_text(encoding="ascii").strip()

    def proc(self, name: str) -> bytes:
        """A file of /proc/net as this namespace shows it."""
        with self.inside():
            return (PROC_NET / name).read_bytes()

    def open_proc(self, name: str) -> int:
        with self.inside():
            return os.open(PROC_NET / name, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def closed(self) -> bool:
        return self._fd < 0

    def close(self) -> None:
        """Let go; the kernel removes the namespace when no socket or process holds it."""
        if not self.closed:
            self.rtnl.close()
            os.close(self._fd)
            self._fd = -1


@contextmanager
def restored() -> Iterator[None]:
    """The calling thread returns to the namespace that it is in now."""
    previous = os.open(OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        os.setns(previous, os.CLONE_NEWNET)
        os.close(previous)
