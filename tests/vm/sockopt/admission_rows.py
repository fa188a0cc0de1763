# SPDX-License-Identifier: GPL-2.0
"""Who may join what: one row for each kind of address, one column for each kind of user.

A result like A/B is A on a host and B on a router. The device has the prefixes 2001:db8:64::/64,
2001:db8:48::/48, 2001:db8:48:1::/64, 2001:db8:96::/96, 2001:db8:120::/120, 2001:db8:121::/121 and
fe80::/64, its own address ::1 in each, and the tentative address 2001:db8:64::7e.

"privileged" has CAP_NET_ADMIN in the user namespace that owns the network namespace; 1 and 2 are
the policies for others, whom policy 0 and built-in C refuse everything (EPERM).
"""

from dataclasses import dataclass

DEVICE, ANY, ABSENT, LO = "device", "any", "absent", "lo"

TABLE = """
# address                              device  built-in C        privileged        1       2

# Well-known anycast addresses (RFC 2526), and their neighbours, of a prefix of 64 bits:
2001:db8:64:0:fdff:ffff:ffff:ff80      device  OK                OK                OK      OK
2001:db8:64:0:fdff:ffff:ffff:fffe      device  OK                OK                OK      OK
2001:db8:64:0:fdff:ffff:ffff:ffff      device  OK                OK                OK      OK
2001:db8:64:0:fdff:ffff:ffff:ff7f      device  OK                OK                EPERM   OK
2001:db8:64:0:fdff:ffff:ffff:feff      device  OK                OK                EPERM   OK
2001:db8:64:0:fdff:ffff:7fff:ff80      device  OK                OK                EPERM   OK
2001:db8:64:0:ffff:ffff:ffff:ff80      device  OK                OK                EPERM   OK
2001:db8:64:0:fcff:ffff:ffff:ff80      device  OK                OK                EPERM   OK
2001:db8:64:0:7dff:ffff:ffff:ff80      device  OK                OK                EPERM   OK
# of 48 bits, where they are a neighbour's like all others
2001:db8:48:ffff:ffff:ffff:ffff:ff80   device  OK                OK                EPERM   OK
2001:db8:48:ffff:ffff:ffff:ffff:ffff   device  OK                OK                EPERM   OK
2001:db8:48:ffff:ffff:ffff:ffff:ff7f   device  OK                OK                EPERM   OK
2001:db8:48:fffe:ffff:ffff:ffff:ff80   device  OK                OK                EPERM   OK
2001:db8:48:7fff:ffff:ffff:ffff:ff80   device  OK                OK                EPERM   OK
2001:db8:48:0:fdff:ffff:ffff:ff80      device  OK                OK                EPERM   OK
# of 48 bits, and of 64 bits inside of those
2001:db8:48:1:fdff:ffff:ffff:ff80      device  OK                OK                OK      OK
2001:db8:48:1:ffff:ffff:ffff:ff80      device  OK                OK                EPERM   OK
# of 96 bits
2001:db8:96::ffff:ff80                 device  OK                OK                EPERM   OK
2001:db8:96::ffff:ffff                 device  OK                OK                EPERM   OK
2001:db8:96::ffff:ff7f                 device  OK                OK                EPERM   OK
2001:db8:96::fdff:ff80                 device  OK                OK                EPERM   OK
# of 120 bits
2001:db8:120::80                       device  OK                OK                EPERM   OK
2001:db8:120::ff                       device  OK                OK                EPERM   OK
2001:db8:120::7f                       device  OK                OK                EPERM   OK
# of 121 bits
2001:db8:121::7f                       device  OK                OK                EPERM   OK
2001:db8:121::2                        device  OK                OK                EPERM   OK
# link-local
fe80::fdff:ffff:ffff:ff80              device  OK                OK                OK      OK
fe80::fdff:ffff:ffff:ff7f              device  OK                OK                EPERM   OK
fe80::a                                device  OK                OK                EPERM   OK
fe80:0:0:1::a                          device  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM

# Others on a prefix: any, the subnet-router anycast, the neighbour's next
2001:db8:64::a                         device  OK                OK                EPERM   OK
2001:db8:64::                          device  OK                OK                EPERM   OK
2001:db8:48:2::a                       device  OK                OK                EPERM   OK

# On no prefix, and well-known on none
2001:db8:9::a                          device  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM
2001:db8:9:0:fdff:ffff:ffff:ff80       device  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM
2001:db8:64:1:fdff:ffff:ffff:ff80      device  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM
2001:db8:121::80                       device  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM

# No anycast address
::                                     device  EADDRNOTAVAIL/OK  EINVAL            EINVAL  EINVAL
::1                                    device  EINVAL            EINVAL            EINVAL  EINVAL
::ffff:192.0.2.1                       device  EADDRNOTAVAIL/OK  EINVAL            EINVAL  EINVAL
ff02::1                                device  EINVAL            EINVAL            EINVAL  EINVAL
ff0e::fdff:ffff:ffff:ff80              device  EINVAL            EINVAL            EINVAL  EINVAL
2001:db8:64::1                         device  EINVAL            EINVAL            EINVAL  EINVAL
fe80::1                                device  EINVAL            EINVAL            EINVAL  EINVAL
2001:db8:64::7e                        device  OK                EINVAL            EINVAL  EINVAL

# No device is named
2001:db8:64:0:fdff:ffff:ffff:ff80      any     OK                OK                OK      OK
2001:db8:64::a                         any     OK                OK                EPERM   OK
2001:db8:9::a                          any     EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EADDRNOTAVAIL/EPERM  EADDRNOTAVAIL/EPERM
::1                                    any     EINVAL            EINVAL            EINVAL  EINVAL
ff02::1                                any     EINVAL            EINVAL            EINVAL  EINVAL
2001:db8:64::1                         any     EINVAL            EINVAL            EINVAL  EINVAL
2001:db8:64::7e                        any     OK                EINVAL            EINVAL  EINVAL

# There is no such device
2001:db8:64:0:fdff:ffff:ffff:ff80      absent  ENODEV            ENODEV            ENODEV  ENODEV
2001:db8:64::a                         absent  ENODEV            ENODEV            ENODEV  ENODEV
2001:db8:9::a                          absent  ENODEV            ENODEV            ENODEV  ENODEV
ff02::1                                absent  EINVAL            EINVAL            EINVAL  EINVAL
2001:db8:64::1                         absent  EINVAL            EINVAL            EINVAL  EINVAL

# A device without these prefixes
2001:db8:64:0:fdff:ffff:ffff:ff80      lo      EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM
2001:db8:64::a                         lo      EADDRNOTAVAIL/OK  EADDRNOTAVAIL/OK  EPERM   EPERM
::                                     lo      EADDRNOTAVAIL/OK  EINVAL            EINVAL  EINVAL
::1                                    lo      EINVAL            EINVAL            EINVAL  EINVAL
"""  # noqa: E501 - a table is as wide as it is

BUILTIN_C, PRIVILEGED = "built-in C", "privileged"
COLUMNS = (BUILTIN_C, PRIVILEGED, 1, 2)


@dataclass(frozen=True)
class Row:
    address: str
    device: str
    results: tuple[str, ...]

    def result(self, column: str | int, router: bool) -> str:
        host, _, on_router = self.results[COLUMNS.index(column)].partition("/")
        return on_router if router and on_router else host


def _row(line: str) -> Row:
    address, device, *results = line.split()
    assert len(results) == len(COLUMNS), line
    return Row(address, device, tuple(results))


ROWS = [_row(line) for line in TABLE.splitlines() if line and not line.startswith("#")]
