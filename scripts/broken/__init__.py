# SPDX-License-Identifier: GPL-2.0
"""scripts/test-broken: do the scenarios notice defects that are built in on purpose?"""
