# SPDX-License-Identifier: GPL-2.0
"""scripts/manifest: what of the kernel's source was reviewed, and whether a kernel still has it."""
