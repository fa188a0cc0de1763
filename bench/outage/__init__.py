# SPDX-License-Identifier: GPL-2.0
"""How long clients get no answer when a member of a group goes: measured, and made into a page."""
