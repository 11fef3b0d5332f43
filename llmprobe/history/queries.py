"""What the commands ask: recent results, incidents, availability over a time."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from llmprobe.history.columns import row_of, selected
from llmprobe.history.store import History
from llmprobe.model import Fault, Status
from llmprobe.model.past import Availability, Day, Incident, PastReport, PastResult, Spread
from llmprobe.quantiles import quantile

MIN_N = {0.5: 3, 0.95: 20, 0.99: 100}
_WORST_HOURS = 3


def recent(history: History, target: str | None, limit: int) -> list[PastResult]:
    """The last results of one target (or of all), newest first."""
    where, values = ("WHERE target = ?", [target]) if target else ("", [])
    with history.reading() as db:
        rows = db.execute(
            f"SELECT {selected(PastResult)} FROM results {where} ORDER BY at DESC, id DESC LIMIT ?",  # noqa: S608
            [*values, limit],
        )
        return [row_of(PastResult, row) for row in rows]


def targets(history: History) -> list[str]:
    """Every target that has results, by name."""
    with history.reading() as db:
        return [row[0] for row in db.execute("SELECT DISTINCT target FROM results ORDER BY target")]


def tallies(history: History, since_utc: float) -> dict[str, tuple[int, int]]:
    """(results, failures) of each target since then; what was skipped does not count."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT target, count(*), sum(status = 'failed') FROM results"
            " WHERE at >= ? AND status != 'skipped' GROUP BY target",
            (since_utc,),
        )
        return {target: (n, failed) for target, n, failed in rows}


def incidents(history: History, since_utc: float, target: str | None = None) -> list[Incident]:
    """Those that lasted into the time since, newest first."""
    where, values = ("AND target = ?", [target]) if target else ("", [])
    with history.reading() as db:
        rows = db.execute(
            f"SELECT {selected(Incident)} FROM incidents"  # noqa: S608
            f" WHERE (closed_at IS NULL OR closed_at >= ?) {where} ORDER BY opened_at DESC, id DESC",
            [since_utc, *values],
        )
        return [row_of(Incident, row) for row in rows]


def report(history: History, since_utc: float, until_utc: float, only: Sequence[str] = ()) -> PastReport:
    """
    Availability of each target over a time.

    One pass over a covering index: a million results take under a second.
    """
    found = incidents(history, since_utc)
    with history.reading() as db:
        collected = _collect(db, since_utc, until_utc, set(only))
        providers = {target: _provider(db, target) for target in collected}
    shown = [incident for incident in found if not only or incident.target in only]
    rows = [
        _availability(target, providers[target], kept, [i for i in shown if i.target == target])
        for target, kept in sorted(collected.items())
    ]
    return PastReport(since_utc, until_utc, rows, shown)


def _provider(db: sqlite3.Connection, target: str) -> str:
    row = db.execute(
        "SELECT provider FROM results WHERE target = ? ORDER BY at DESC LIMIT 1", (target,)
    ).fetchone()
    return str(row[0]) if row else ""


class _Kept:
    """What is remembered of one target while its rows go by."""

    __slots__ = ("causes", "days", "degraded", "failed", "faults", "hours", "n", "skipped", "total", "ttft")

    def __init__(self) -> None:
        self.n = self.failed = self.degraded = self.skipped = 0
        self.causes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.ttft: list[float] = []
        self.total: list[float] = []
        self.hours = [[0, 0] for _ in range(24)]
        self.days: dict[int, list[Any]] = {}


def _collect(db: sqlite3.Connection, since: float, until: float, only: set[str]) -> dict[str, _Kept]:
    """
    Counts are SQLite's work, hour by hour; only the latencies of what worked come over one by one.
    """
    kept: dict[str, _Kept] = defaultdict(_Kept)
    counts = db.execute(
        "SELECT target, CAST(at / 3600 AS INTEGER), status, category, fault, count(*) FROM results"
        " WHERE at >= ? AND at < ? GROUP BY 1, 2, 3, 4, 5",
        (since, until),
    )
    for target, hour, status, category, fault, count in counts:
        if not only or target in only:
            _count(kept[target], hour, (status, category, fault), count)
    latencies = db.execute(
        "SELECT target, at, ttft_s, total_s FROM results"
        " WHERE at >= ? AND at < ? AND status IN ('healthy', 'degraded')",
        (since, until),
    )
    for target, at, ttft, total in latencies:
        if target not in kept:
            continue
        mine = kept[target]
        if ttft is not None:
            mine.ttft.append(ttft)
        if total is not None:
            mine.total.append(total)
            mine.days[int(at // 86400)][2].append(total if ttft is None else ttft)
    return kept


def _count(kept: _Kept, hour: int, verdict: tuple[str, str, str | None], count: int) -> None:
    status, category, fault = verdict
    if status == Status.SKIPPED:
        kept.skipped += count
        return
    failed = count if status == Status.FAILED else 0
    kept.n += count
    kept.failed += failed
    kept.degraded += count if status == Status.DEGRADED else 0
    of_hour, of_day = kept.hours[hour % 24], kept.days.setdefault(hour // 24, [0, 0, []])
    for tally in (of_hour, of_day):
        tally[0] += count
        tally[1] += failed
    if failed:
        kept.causes[category] += count
        kept.faults[fault or str(Fault.UNKNOWN)] += count


def _availability(target: str, provider: str, kept: _Kept, mine: Sequence[Incident]) -> Availability:
    recoveries = [i.closed_at_utc - i.opened_at_utc for i in mine if i.closed_at_utc is not None]
    hours = [(hour, failed, n) for hour, (n, failed) in enumerate(kept.hours) if failed]
    hours.sort(key=lambda row: (-row[1] / row[2], -row[1]))
    return Availability(
        target=target,
        provider=provider,
        n=kept.n,
        failed=kept.failed,
        degraded=kept.degraded,
        skipped=kept.skipped,
        incidents=len(mine),
        mean_recovery_s=sum(recoveries) / len(recoveries) if recoveries else None,
        causes=dict(kept.causes.most_common()),
        faults=dict(kept.faults.most_common()),
        ttft=spread(kept.ttft),
        total=spread(kept.total),
        worst_hours=tuple(hours[:_WORST_HOURS]),
        days=tuple(_day(number, *row) for number, row in sorted(kept.days.items())),
    )


def _day(number: int, n: int, failed: int, values: list[float]) -> Day:
    day = datetime.fromtimestamp(number * 86400, UTC).date().isoformat()
    return Day(day, n, failed, quantile(values, 0.5) if values else None)


def spread(values: Iterable[float]) -> Spread:
    """The percentiles that n can carry: the median from 3, p95 from 20, p99 from 100."""
    ordered = sorted(values)
    figures = [quantile(ordered, q) if len(ordered) >= least else None for q, least in MIN_N.items()]
    return Spread(len(ordered), *figures)
