# SPDX-License-Identifier: GPL-2.0
"""That the accounts which end each scenario notice what is left behind."""

import pytest

from harness.kernel.accounts import Accounts
from harness.topology.namespace import Namespace


@pytest.mark.smoke("module")
@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_namespace_left_behind() -> None:
    accounts = Accounts()
    namespace = Namespace()
    with pytest.raises(AssertionError, match="namespaces"):
        accounts.close(limit=0.1)
    namespace.close()
    accounts.close()
