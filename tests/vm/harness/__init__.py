# SPDX-License-Identifier: GPL-2.0
"""What the scenarios are made of: hosts and links, packets, the kernel's state, load."""
