# SPDX-License-Identifier: GPL-2.0
"""The socket options under test, and the model that predicts them."""
