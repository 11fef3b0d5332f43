"""
Results summed up by hour, so that a report over a million of them is quick.

Counts are exact. Of the latencies of what worked each is kept with four digits, in 16 bits: from 0.1 ms to
1,000 s within 0.05 %.
"""

from __future__ import annotations

import math
import sqlite3
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, overload

from llmprobe.quantiles import quantile

_LEAST_S, _MOST_S = 1e-4, 999.9
_OF_A_DECADE = 9000
_WORKED = "status IN ('healthy', 'degraded')"
_SUMMED = f"""
SELECT target, CAST(at / {{size_s}} AS INTEGER), status, category, coalesce(fault, ''), count(*),
    codes(CASE WHEN {_WORKED} THEN ttft_s END), codes(CASE WHEN {_WORKED} THEN total_s END),
    codes(CASE WHEN {_WORKED} AND ttft_s IS NULL THEN total_s END)
FROM results WHERE {{where}} GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608
HOUR_S = 3600


def summed(where: str, size_s: int = HOUR_S) -> str:
    """Sums of the results for which `where` holds, by hour or another size, in the order of `hours`."""
    return _SUMMED.format(where=where, size_s=size_s)


_ADD = f"""
INSERT INTO hours (target, hour, status, category, fault, n, ttft, total, only_total)
{summed("run_id >= ? AND run_id <= ?")}
ON CONFLICT (target, hour, status, category, fault) DO UPDATE SET
    n = n + excluded.n, ttft = CAST(ttft || excluded.ttft AS BLOB),
    total = CAST(total || excluded.total AS BLOB),
    only_total = CAST(only_total || excluded.only_total AS BLOB)
"""


class _Codes:
    """The aggregate `codes`: seconds to their codes, one after the other; NULL leaves none."""

    def __init__(self) -> None:
        self._codes = array("H")

    def step(self, seconds: float | None) -> None:
        if seconds is not None:
            self._codes.append(code(seconds))

    def finalize(self) -> bytes:
        return self._codes.tobytes()


def register(connection: sqlite3.Connection) -> None:
    """Make the aggregate known to a connection. Raises sqlite3.Error."""
    connection.create_aggregate("codes", 1, _Codes)  # type: ignore[arg-type]


def add(db: sqlite3.Connection, first_run: int, last_run: int) -> None:
    """Add the results of these runs to their hours."""
    db.execute(_ADD, (first_run, last_run))


def between(db: sqlite3.Connection, since: float, until: float) -> Iterator[Any]:
    """Sums of the whole hours within a time, and of what is left before and after them."""
    first, last = math.ceil(since / HOUR_S), math.floor(until / HOUR_S)
    if first >= last:
        yield from db.execute(summed("at >= ? AND at < ?"), (since, until))
        return
    for begins, ends in ((since, first * HOUR_S), (last * HOUR_S, until)):
        yield from db.execute(summed("at >= ? AND at < ?"), (begins, ends))
    yield from db.execute(
        "SELECT target, hour, status, category, fault, n, ttft, total, only_total FROM hours"
        " WHERE hour >= ? AND hour < ?",
        (first, last),
    )


def code(seconds: float) -> int:
    """Decade and digits in one number; a longer time has a greater one."""
    bounded = min(_MOST_S, max(_LEAST_S, seconds))
    decade = math.floor(math.log10(bounded))
    digits = round(bounded * 10.0 ** (3 - decade))
    return (decade + 4) * _OF_A_DECADE + digits - 1000


def seconds_of(code: int) -> float:
    """The time that a code stands for."""
    decade, digits = divmod(code, _OF_A_DECADE)
    return float(f"{digits + 1000}e{decade - 7}")


def codes_of(parts: Iterable[bytes]) -> array[int]:
    """The codes in what was stored."""
    found = array("H")
    found.frombytes(b"".join(parts))
    return found


class Counted(Sequence[int]):
    """Codes in order, counted and not sorted: of many there are few that differ."""

    def __init__(self, codes: Iterable[int]) -> None:
        counts = Counter(codes)
        self._distinct = sorted(counts)
        self._ends = list(accumulate(map(counts.__getitem__, self._distinct)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._distinct[bisect_right(self._ends, place)]


def quantile_s(codes: Sequence[int], q: float) -> float:
    """A quantile of ordered codes, in seconds."""
    place = q * (len(codes) - 1)
    low = int(place)
    return quantile([seconds_of(code) for code in codes[low : low + 2]], place - low)
