# SPDX-License-Identifier: GPL-2.0
"""Groups as /proc, sysctls, rtnetlink and a peer on the link show them."""
