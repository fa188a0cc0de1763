# SPDX-License-Identifier: GPL-2.0
"""scripts/test-mutants: which mutants to try, and whether those that survive may."""
