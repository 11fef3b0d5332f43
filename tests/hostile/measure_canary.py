"""
`python -m tests.hostile.measure_canary COUNT [SEED]`: many cases, and a table of what was tried and what was found.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.hostile.canary import Case, Found, cases, played
from tests.hostile.echo import echo_server


def main(count: int, seed: int) -> None:
    tried: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    where: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, echo_server() as echo, ThreadPoolExecutor(3) as pool:

        def play(numbered: tuple[int, Case]) -> tuple[Case, list[Found]]:
            number, case = numbered
            return case, list(played(case, echo, Path(name) / str(number)))

        for case, found in pool.map(play, enumerate(cases(seed, count))):
            keys = [
                f"{kind}: {value}" for kind, value in zip(case._fields, case, strict=True) if kind != "seed"
            ]
            tried.update(keys)
            leaks = [f for f in found if f.output not in ("net", "exit code")]
            bad.update(keys if leaks else [])
            where.update({f"{case.command} > {f.output}" for f in leaks})
            where.update({f.output for f in found if f.output in ("net", "exit code")})
            where.update(["cases"] + (["cases that leak"] if leaks else []))
            for f in found[:3]:
                print(f"{case}\n    {f.output}: {f.what[:300]!r}")
    print(f"\n{count} cases, seed {seed}, {time.monotonic() - began:.0f} s")
    for key, n in sorted(where.items(), key=lambda item: -item[1]):
        print(f"{n:5}  {key}")
    for key in sorted(tried):
        print(f"{bad[key]:5} of {tried[key]:5}  {key}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
