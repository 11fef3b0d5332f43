"""What a page draws of each target: a cell for each check or stretch of time, and how fast it was."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct, field

from llmprobe.history.queries import MIN_N
from llmprobe.history.rollup import HOUR_S, code, codes_of, quantile_s, seconds_of, summed
from llmprobe.model import Status
from llmprobe.model.past import Cell, Headroom, Pace
from llmprobe.quantiles import quantile

MOST_CELLS = 180
_MOST_CHECKS = 120
_SIZES_S = (
    60, 120, 300, 600, 900, 1800,
    *(hours * HOUR_S for hours in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 96, 7 * 24, 28 * 24)),
)  # fmt: skip
_ROOMIER = 1.5
"""A cell is so much longer than checks are apart: one that holds none by chance would look like a gap."""
_PACES = (1, 2, 3, 4, 6, 8, 12)
_LEAST_PACES = 12
_DAY_S = 86400.0


class Strips(Struct, frozen=True):
    """By target; `cell_s` is how long a cell is (None: one check)."""

    cell_s: float | None = None
    cells: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    paces: Mapping[str, Sequence[Pace]] = field(default_factory=dict)


class _Bucket(Struct):
    n: int = 0
    failed: int = 0
    degraded: int = 0
    skipped: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    leads: list[bytes] = field(default_factory=list)

    def add(self, status: str, category: str, n: int, leads: Iterable[bytes]) -> None:
        if status == Status.SKIPPED:
            self.skipped += n
            return
        self.n += n
        self.failed += n if status == Status.FAILED else 0
        self.degraded += n if status == Status.DEGRADED else 0
        if status != Status.HEALTHY:
            self.causes[category] += n
        self.leads += leads

    def cell(self, start: float, end: float) -> Cell:
        causes = dict(self.causes.most_common())
        return Cell(start, end, self.n, self.failed, self.degraded, self.skipped, causes)


def strips(db: sqlite3.Connection, first: float, until: float, sums: Sequence[Any]) -> Strips:
    """
    Few checks have a cell each; more share cells of one size, of which the whole time has at most 180.

    Args:
        first: When the first result was, in epoch seconds.
        sums: By hour, as `rollup.between` gives them.

    Raises sqlite3.Error.
    """
    counts: Counter[str] = Counter()
    for target, _, _, _, _, n, *_ in sums:
        counts[target] += n
    if not counts:
        return Strips()
    [(busiest, most)] = counts.most_common(1)
    if most <= _MOST_CHECKS:
        return _by_check(db, list(counts), first, until)
    size_s = _size_s(until - first, _apart_s(db, busiest, first))
    rows: Iterable[Any]
    if size_s % HOUR_S == 0:
        rows = ((target, hour * HOUR_S // size_s, *rest) for target, hour, *rest in sums)
    else:
        where = f"at >= ? AND at < ? AND target IN ({', '.join('?' * len(counts))})"
        rows = db.execute(summed(where, size_s), (first, until, *counts))
    return _by_size(rows, size_s, first, until)


def headroom(db: sqlite3.Connection, target: str, since: float) -> Headroom | None:
    """The newest, and the least of the day before it; None where the latest answers told of none."""
    newest = db.execute(_NEWEST_HEADROOM, (target, since)).fetchone()
    if newest is None:
        return None
    at, requests, tokens = newest
    least, least_at = db.execute(_LEAST_HEADROOM, (target, max(since, at - _DAY_S))).fetchone()
    return Headroom(at, requests, tokens, least, least_at)


_NEWEST_HEADROOM = """
SELECT * FROM (
    SELECT at, requests_left, tokens_left FROM results WHERE target = ? AND at >= ? ORDER BY at DESC LIMIT 50
) WHERE requests_left IS NOT NULL OR tokens_left IS NOT NULL LIMIT 1
"""
_LEAST_HEADROOM = """
SELECT min(coalesce(requests_left, 1), coalesce(tokens_left, 1)) AS least, at FROM results
WHERE target = ? AND at >= ? AND (requests_left IS NOT NULL OR tokens_left IS NOT NULL)
ORDER BY least LIMIT 1
"""


def _apart_s(db: sqlite3.Connection, target: str, since: float) -> float:
    """How far the newest checks of a target are apart."""
    rows = db.execute(
        "SELECT run_id, at FROM results WHERE target = ? AND at >= ? ORDER BY at DESC LIMIT 400",
        (target, since),
    )
    times = sorted(dict(rows).values())
    gaps = [b - a for a, b in pairwise(times)]
    return quantile(gaps, 0.5) if gaps else 0.0


def _size_s(span_s: float, apart_s: float) -> int:
    least = max(span_s / MOST_CELLS, _ROOMIER * apart_s)
    return next((size for size in _SIZES_S if size >= least), _SIZES_S[-1])


def _by_size(rows: Iterable[Any], size_s: int, since: float, until: float) -> Strips:
    buckets: dict[str, dict[int, _Bucket]] = defaultdict(lambda: defaultdict(_Bucket))
    for target, number, status, category, _, n, ttft, _, only_total in rows:
        buckets[target][number].add(status, category, n, (ttft, only_total))
    cells, paces = {}, {}
    for target, mine in buckets.items():
        cells[target] = [
            bucket.cell(max(since, number * size_s), min(until, (number + 1) * size_s))
            for number, bucket in sorted(mine.items())
        ]
        paces[target] = _paces(mine, size_s, since, until)
    return Strips(size_s, cells, paces)


def _paces(buckets: Mapping[int, _Bucket], size_s: int, since: float, until: float) -> list[Pace]:
    """In stretches of a cell or of a few, so that most of them carry a p95 where n allows it."""
    leads = {number: codes_of(bucket.leads) for number, bucket in buckets.items()}
    merged: dict[int, list[int]] = {}
    for factor in _PACES:
        merged = defaultdict(list)
        for number, codes in leads.items():
            if codes:
                merged[number // factor].extend(codes)
        enough = sum(len(codes) >= MIN_N[0.95] for codes in merged.values())
        if 2 * enough > len(merged) or len(merged) <= _LEAST_PACES:
            break
    each_s = factor * size_s
    return [
        _pace(max(since, number * each_s), min(until, (number + 1) * each_s), codes)
        for number, codes in sorted(merged.items())
    ]


def _pace(start: float, end: float, codes: Sequence[int]) -> Pace:
    ordered = sorted(codes)
    median, p95 = (quantile_s(ordered, q) if len(ordered) >= MIN_N[q] else None for q in (0.5, 0.95))
    return Pace(start, end, len(ordered), median, p95, seconds_of(ordered[-1]))


def _by_check(db: sqlite3.Connection, targets: Sequence[str], since: float, until: float) -> Strips:
    """A cell lasts until the next check, or as long as checks are usually apart."""
    rows = db.execute(
        "SELECT target, run_id, at, status, category, coalesce(ttft_s, total_s) FROM results"  # noqa: S608
        f" WHERE at >= ? AND at < ? AND target IN ({', '.join('?' * len(targets))}) ORDER BY target, at",
        (since, until, *targets),
    ).fetchall()
    cells, paces = {}, {}
    for target, mine in groupby(rows, key=lambda row: row[0]):
        checks = _checks(mine)
        ends = _ends([at for at, _ in checks], until)
        cells[target] = [b.cell(at, end) for (at, b), end in zip(checks, ends, strict=True)]
        paces[target] = [
            _pace(at, end, codes_of(bucket.leads))
            for (at, bucket), end in zip(checks, ends, strict=True)
            if bucket.leads
        ]
    return Strips(None, cells, paces)


def _checks(rows: Iterable[Any]) -> list[tuple[float, _Bucket]]:
    """(when, what) of each run."""
    found: dict[int, tuple[float, _Bucket]] = {}
    for _, run, at, status, category, seconds in rows:
        worked = status in (Status.HEALTHY, Status.DEGRADED) and seconds is not None
        leads = [code(seconds).to_bytes(2, "little")] if worked else []
        found.setdefault(run, (at, _Bucket()))[1].add(status, category, 1, leads)
    return sorted(found.values(), key=lambda check: check[0])


def _ends(times: Sequence[float], until: float) -> list[float]:
    gaps = [b - a for a, b in pairwise(times)]
    usual = quantile(gaps, 0.5) if gaps else until - times[0]
    return [min(after, at + 2 * usual) for at, after in pairwise(times)] + [min(until, times[-1] + usual)]
