# SPDX-License-Identifier: GPL-2.0
"""The measuring program, see bench/meter/src/main.rs."""

import subprocess
from pathlib import Path

from cost.groups import Row

PROGRAM = Path(__file__).resolve().parents[2] / "build/bench/release/meter"


class Meter:
    """Runs in the namespace in which it was made."""

    def __init__(self, wire: int) -> None:
        """`wire`: the descriptor of a packet socket that frames are sent by."""
        self._wire = wire
        self._process = subprocess.Popen(
            [PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            pass_fds=[wire],
        )
        self._next_socket = 0

    def ask(self, *words: object) -> list[int]:
        print(*words, file=self._process.stdin)
        answer = self._process.stdout.readline()
        assert answer, f"{PROGRAM.name} has ended: {words}"
        assert not answer.startswith("error"), answer.strip()
        return [int(number) for number in answer.split()]

    def open(self, count: int = 1) -> list[int]:
        sockets = list(range(self._next_socket, self._next_socket + count))
        self._next_socket += count
        self.ask("open", *sockets)
        return sockets

    def shut(self, *sockets: int) -> list[int]:
        return self.ask("close", *sockets)

    def join(self, sock: int, ifindex: int, row: Row, first: int, count: int = 1) -> list[int]:
        return self.ask("join", sock, ifindex, row.base, row.step, first, count)

    def leave(self, sock: int, ifindex: int, row: Row, first: int, count: int = 1) -> list[int]:
        return self.ask("leave", sock, ifindex, row.base, row.step, first, count)

    def send(self, frame: str, batches: int, packets: int) -> list[int]:
        return self.ask("send", self._wire, frame, batches, packets)

    def read(self, file: str, times: int) -> tuple[list[int], int]:
        *costs, lines = self.ask("read", file, times)
        return costs, lines

    def dump(self, times: int) -> tuple[list[int], int]:
        *costs, groups = self.ask("dump", times)
        return costs, groups

    def bind(self, address: str, times: int) -> tuple[list[int], int]:
        *costs, errno = self.ask("bind", address, times)
        return costs, errno

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
