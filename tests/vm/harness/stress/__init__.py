# SPDX-License-Identifier: GPL-2.0
"""What goes on at random beside a scenario, for how long, and the record of it."""
