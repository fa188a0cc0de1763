# SPDX-License-Identifier: GPL-2.0
"""docs/performance.md, made of the figures."""
