# SPDX-License-Identifier: GPL-2.0
"""The kernel under test: modules, livepatches, its log, memory, faults, tracepoints."""
