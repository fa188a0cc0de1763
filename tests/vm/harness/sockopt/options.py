# SPDX-License-Identifier: GPL-2.0
"""Socket options of the level IPPROTO_IPV6 that Python's socket module does not name."""

IPV6_ADDRFORM = 1
IPV6_TRANSPARENT = 75
IPV6_UNICAST_IF = 76
IPV6_FREEBIND = 78
