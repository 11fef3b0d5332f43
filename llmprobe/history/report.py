"""Availability of each target over a time, from the sums by hour."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.history.queries import MIN_N, incidents
from llmprobe.history.rollup import Counted, between, codes_of, quantile_s
from llmprobe.history.store import History
from llmprobe.history.strips import Strips, headroom, strips
from llmprobe.model.past import Availability, Day, Incident, PastReport, Spread

_WORST_HOURS = 3


def report(
    history: History,
    since_utc: float,
    until_utc: float,
    only: Sequence[str] = (),
    *,
    with_cells: bool = False,
) -> PastReport:
    """
    Availability of each target over a time.

    Whole hours come from their sums, what is left at both ends from the results themselves. Counts are
    exact, percentiles within 0.05 %. Raises HistoryError.

    Args:
        only: Targets; all where it is empty.
        with_cells: With what a page draws: cells, paces, and the headroom.
    """
    found = incidents(history, since_utc)
    shown = [incident for incident in found if not only or incident.target in only]
    with history.reading() as db:
        passing = (row for row in between(db, since_utc, until_utc) if not only or row[0] in only)
        sums = list(passing) if with_cells else []
        kept = _collect(sums if with_cells else passing)
        first_utc = min((_first(db, target, since_utc) for target in kept), default=None)
        drawn = strips(db, first_utc, until_utc, sums) if with_cells and first_utc is not None else Strips()
        rows = [
            replace(
                _availability(target, _provider(db, target), mine, [i for i in shown if i.target == target]),
                cells=drawn.cells.get(target, ()),
                paces=drawn.paces.get(target, ()),
                headroom=headroom(db, target, since_utc) if with_cells else None,
            )
            for target, mine in sorted(kept.items())
        ]
    return PastReport(since_utc, until_utc, rows, shown, first_utc, drawn.cell_s)


def _first(db: sqlite3.Connection, target: str, since: float) -> float:
    row = db.execute("SELECT min(at) FROM results WHERE target = ? AND at >= ?", (target, since)).fetchone()
    return float(row[0])


def _provider(db: sqlite3.Connection, target: str) -> str:
    row = db.execute(
        "SELECT provider FROM results WHERE target = ? ORDER BY at DESC LIMIT 1", (target,)
    ).fetchone()
    return str(row[0]) if row else ""


class _Day(Struct):
    """Of one day: results, failures, and the latencies as they are stored."""

    n: int = 0
    failed: int = 0
    ttft: list[bytes] = field(default_factory=list)
    only_total: list[bytes] = field(default_factory=list)


class _Kept(Struct):
    """What is remembered of one target while its hours go by: `hours` of the day as (results, failures)."""

    degraded: int = 0
    skipped: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    total: list[bytes] = field(default_factory=list)
    hours: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(24)])
    days: dict[int, _Day] = field(default_factory=lambda: defaultdict(_Day))


def _collect(sums: Iterable[Any]) -> dict[str, _Kept]:
    """By target. A million results are some fifty thousand sums: this loop does little for each."""
    kept: dict[str, _Kept] = defaultdict(_Kept)
    for target, hour, status, category, fault, n, ttft, total, only_total in sums:
        mine = kept[target]
        if status == "skipped":
            mine.skipped += n
            continue
        of_day, of_hour = mine.days[hour // 24], mine.hours[hour % 24]
        of_day.n += n
        of_hour[0] += n
        if status == "failed":
            of_day.failed += n
            of_hour[1] += n
            mine.causes[category] += n
            mine.faults[fault or "unknown"] += n
            continue
        mine.degraded += n if status == "degraded" else 0
        of_day.ttft.append(ttft)
        of_day.only_total.append(only_total)
        mine.total.append(total)
    return kept


def _availability(target: str, provider: str, kept: _Kept, mine: Sequence[Incident]) -> Availability:
    recoveries = [i.closed_at_utc - i.opened_at_utc for i in mine if i.closed_at_utc is not None]
    hours = [(hour, failed, n) for hour, (n, failed) in enumerate(kept.hours) if failed]
    hours.sort(key=lambda row: (-row[1] / row[2], -row[1]))
    # Days are sorted once: Python's sort joins sorted runs in one pass.
    ttft = {number: sorted(codes_of(day.ttft)) for number, day in kept.days.items()}
    return Availability(
        target=target,
        provider=provider,
        n=sum(day.n for day in kept.days.values()),
        failed=sum(day.failed for day in kept.days.values()),
        degraded=kept.degraded,
        skipped=kept.skipped,
        incidents=len(mine),
        mean_recovery_s=sum(recoveries) / len(recoveries) if recoveries else None,
        causes=dict(kept.causes.most_common()),
        faults=dict(kept.faults.most_common()),
        ttft=_spread(sorted(chain.from_iterable(ttft.values()))),
        total=_spread(Counted(codes_of(kept.total))),
        worst_hours=tuple(hours[:_WORST_HOURS]),
        days=tuple(_day(number, day, ttft[number]) for number, day in sorted(kept.days.items())),
    )


def _day(number: int, kept: _Day, ttft: Sequence[int]) -> Day:
    day = datetime.fromtimestamp(number * 86400, UTC).date().isoformat()
    others = sorted(codes_of(kept.only_total))
    leads = sorted([*ttft, *others]) if others else ttft
    return Day(day, kept.n, kept.failed, quantile_s(leads, 0.5) if leads else None)


def _spread(codes: Sequence[int]) -> Spread:
    """The percentiles that n can carry: the median from 3, p95 from 20, p99 from 100."""
    figures = [quantile_s(codes, q) if len(codes) >= least else None for q, least in MIN_N.items()]
    return Spread(len(codes), *figures)
