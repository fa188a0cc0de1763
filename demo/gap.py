# SPDX-License-Identifier: GPL-2.0
"""Ask a group every 10 ms, and show who answers: gap.py ADDRESS PORT.

It ends when a second host answers, and says how long nobody did.
"""

import select
import socket
import sys
import time
from collections.abc import Iterator

STEP, PATIENCE = 0.01, 120.0  # seconds


def answers(group: tuple[str, int]) -> Iterator[tuple[float, str]]:
    """When an answer came, and whose it is. Ends when none comes for a long time."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        heard = due = time.monotonic()
        while (now := time.monotonic()) - heard < PATIENCE:
            if now >= due:
                udp.sendto(b"?", group)
                due = now + STEP
            if select.select([udp], [], [], max(0.0, due - now))[0]:
                name = udp.recv(1500).decode().split()[0]
                heard = time.monotonic()
                yield heard, name


def main() -> None:
    """Exit non-zero when nobody answers, or nobody else."""
    address, port = sys.argv[1:]
    first, last = "", 0.0
    for now, name in answers((address, int(port))):
        if not first:
            first = name
            print(f"{first} answers", flush=True)
        elif name != first:
            print(f"{name} answers, after {now - last:.2f} s without an answer")
            return
        last = now
    sys.exit("no answer")


main()
