# SPDX-License-Identifier: GPL-2.0
"""Network namespaces, the hosts in them, and the links between hosts."""
