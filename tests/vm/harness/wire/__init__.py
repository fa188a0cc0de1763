# SPDX-License-Identifier: GPL-2.0
"""Frames and packets: sent by hand, received, and told apart."""
