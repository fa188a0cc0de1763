# SPDX-License-Identifier: GPL-2.0
"""Hold an anycast group and answer UDP on it: server.py NAME INTERFACE GROUP PORT.

The program holds the group from the setsockopt to its end, for any reason: the membership ends with
the socket.
"""

import socket
import struct
import sys

IPV6_JOIN_ANYCAST = 27


def main() -> None:
    """Join, say so, and answer each datagram with NAME and the text that came in."""
    name, interface, group, port = sys.argv[1:]
    index = socket.if_nametoindex(interface)
    request = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.IPPROTO_IPV6, IPV6_JOIN_ANYCAST, request)
        udp.bind(("::", int(port)))
        print(f"joined {group} on {interface}, answering UDP port {port}", flush=True)
        while True:
            text, client = udp.recvfrom(1500)
            udp.sendto(f"{name} got: ".encode() + text, client)


main()
