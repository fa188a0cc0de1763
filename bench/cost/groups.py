# SPDX-License-Identifier: GPL-2.0
"""Rows of group addresses, as the meter numbers them."""

from dataclasses import dataclass
from ipaddress import IPv6Address

# Of the interface identifier; the groups do not reach them.
NAMESAKE_BITS = range(55, 64)


@dataclass(frozen=True)
class Row:
    """The group number i is `base` plus i times `step`."""

    name: str
    base: str
    step: int

    def address(self, number: int) -> str:
        return str(IPv6Address(int(IPv6Address(self.base)) + number * self.step))

    def namesakes(self, number: int) -> list[str]:
        """Addresses that are none of the groups, but have the solicited-node group of one."""
        address = int(IPv6Address(self.address(number)))
        return [str(IPv6Address(address ^ (1 << bit))) for bit in NAMESAKE_BITS]


# A solicited-node group is named by the low 24 bits: one for all, and one for each.
SHARED = Row("shared", "2001:db8::a:a0a", 1 << 24)
DISTINCT = Row("distinct", "2001:db8::10:0", 1)
ROWS = (SHARED, DISTINCT)
