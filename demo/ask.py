# SPDX-License-Identifier: GPL-2.0
"""Send a text by UDP and show the answer and its source: ask.py ADDRESS PORT TEXT."""

import socket
import sys


def main() -> None:
    """Exit non-zero when no answer comes within three seconds."""
    address, port, text = sys.argv[1:]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.settimeout(3)
        udp.sendto(text.encode(), (address, int(port)))
        try:
            answer, sender = udp.recvfrom(1500)
        except TimeoutError:
            sys.exit("no answer")
        print(f'"{answer.decode()}", sent from {sender[0]}')


main()
