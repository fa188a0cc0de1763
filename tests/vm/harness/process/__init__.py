# SPDX-License-Identifier: GPL-2.0
"""Child processes, privilege, and programs of the distribution."""
