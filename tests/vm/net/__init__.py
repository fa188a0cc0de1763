# SPDX-License-Identifier: GPL-2.0
"""Small laboratory for the scenarios: namespaces, hosts, sockets, frames, kernel state."""
