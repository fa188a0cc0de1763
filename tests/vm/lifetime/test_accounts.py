# SPDX-License-Identifier: GPL-2.0
"""That the accounts which end each scenario notice what is left behind, and what goes twice."""

import pytest

from harness.kernel.accounts import Accounts
from harness.topology.namespace import Namespace

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]


@pytest.mark.smoke("module")
def test_namespace_left_behind() -> None:
    accounts = Accounts()
    namespace = Namespace()
    with pytest.raises(AssertionError, match="'namespaces': 1"):
        accounts.close(limit=0.1)
    namespace.close()
    accounts.close()


def test_namespace_that_is_missing() -> None:
    """As after an object that was dropped twice."""
    before, namespace = Accounts(), Namespace()
    accounts = Accounts()
    namespace.close()
    before.close()
    with pytest.raises(AssertionError, match="'namespaces': -1"):
        accounts.close(limit=0.1)
