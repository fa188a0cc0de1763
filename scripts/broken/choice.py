# SPDX-License-Identifier: GPL-2.0
"""Which defects to build in."""

import turns
from broken.defect import KERNELS, Defect, DefectError


def named(defects: list[Defect], names: list[str]) -> list[Defect]:
    """All, those of a kernel, or those of these names."""
    if not names:
        return defects
    if names[0] in KERNELS:
        if names[1:]:
            raise DefectError(f"unknown argument {names[1]}: see --help")
        return [defect for defect in defects if defect.kernel == names[0]]
    known = {defect.name: defect for defect in defects}
    for name in names:
        if name not in known:
            raise DefectError(f"tests/broken has no {name}.patch")
    return [known[name] for name in dict.fromkeys(names)]


def some(defects: list[Defect], count: int, turn: int) -> list[Defect]:
    """`count` of those for the stock kernel. Successive turns go through all of them."""
    stock = [defect for defect in defects if defect.kernel == "stock"]
    return turns.some(stock, count, turn)
