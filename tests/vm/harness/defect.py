# SPDX-License-Identifier: GPL-2.0
"""A scenario of a defect: the promise that the module keeps and built-in C breaks."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.kernel.implementation import MODULE
from harness.wait import settled

MENDED = "mended upstream"


@dataclass
class Defect:
    """Compares what a scenario sees with the promise, and with what C is known to do instead.

    The module must keep the promise. C must break it in the known way at least once in the
    scenario; for a C that keeps it throughout, which has been mended, the scenario is skipped.
    """

    implementation: str
    shown: bool = False

    def check(self, seen: object, promised: object, builtin_c: object) -> None:
        if self.implementation == MODULE:
            assert seen == promised
        elif seen != promised:
            assert seen == builtin_c, "neither the promise nor the known defect"
            self.shown = True

    def becomes[T](self, look: Callable[[], T], promised: T, builtin_c: T) -> None:
        """Check what is seen once the kernel is done with its work in the background."""
        final = (promised,) if self.implementation == MODULE else (promised, builtin_c)
        self.check(settled(look, *final), promised, builtin_c)

    def conclude(self) -> None:
        """To be called when the scenario has passed."""
        if self.implementation != MODULE and not self.shown:
            pytest.skip(MENDED)
