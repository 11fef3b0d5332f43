"""`python -m tests.measure [-v] [SET …]`: one table, and with -v every verdict that is not the best one."""

from __future__ import annotations

import argparse
import sys

from tests.measure.score import score, table, worst
from tests.measure.sets import OWN, RECORDED


def main(argv: list[str]) -> int:
    every = {**RECORDED, **OWN}
    parser = argparse.ArgumentParser(prog="python -m tests.measure", description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[[], *every], metavar="SET", help=", ".join(every))
    parser.add_argument("-v", "--verbose", action="store_true", help="also list what was not judged best")
    asked = parser.parse_args(argv)
    marked = {name: every[name]() for name in asked.sets or every}
    print("\n".join(table(score(name, found) for name, found in marked.items())))
    if not all(marked.values()):
        print("n 0: these recordings are not beside this checkout")
    if asked.verbose:
        for name, found in marked.items():
            print("\n".join(["", *worst(name, found)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
