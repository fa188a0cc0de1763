# SPDX-License-Identifier: GPL-2.0
"""What operations on anycast groups cost, in instructions, with many groups."""
