# SPDX-License-Identifier: GPL-2.0
"""scripts/manifest: the reviewed parts of the kernel, and whether a kernel still has them."""
