# SPDX-License-Identifier: GPL-2.0
"""Print the names of the chosen scripts, or with --programs what must be built for them."""

import sys

from kselftest.chosen import CHOSEN


def main(arguments: list[str]) -> None:
    if arguments == ["--programs"]:
        print(*sorted({program for script in CHOSEN for program in script.programs}))
        return
    width = max(len(script.name) for script in CHOSEN)
    for script in CHOSEN:
        print(f"{script.name:{width}}  {'some' if script.some else '    '}  {script.why}")


if __name__ == "__main__":
    main(sys.argv[1:])
