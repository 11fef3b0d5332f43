"""What is usual for a target at this hour of the day, and limits that rest on it."""

from __future__ import annotations

import sqlite3
from typing import Any

from msgspec.structs import replace

from llmprobe.durations import format_duration
from llmprobe.history.queries import spread
from llmprobe.history.store import History
from llmprobe.model import ProbeKind, Target, Thresholds
from llmprobe.model.past import Baseline

DAYS = 28
LEAST_N = 20
_COLUMNS = {
    "ttft": "ttft_s", "total": "total_s", "headers": "headers_s", "connect": "connect_s",
    "silence": "silence_s",
}  # fmt: skip

_WORKED = "status IN ('healthy', 'degraded')"
_THIS_HOUR = "(CAST(at - ? AS INTEGER) % 86400 + 86400 + 3600) % 86400 <= 7200"
"""An hour around this time of the day, over midnight too."""


def baseline(history: History, target: str, probe: ProbeKind, metric: str, now_utc: float) -> Baseline:
    """
    Median and p95 of what worked in the last 28 days, an hour around this time of the day.

    Args:
        metric: `ttft`, `total`, `headers`, `connect` or `silence`.
        now_utc: Epoch seconds; the hour is UTC's.
    """
    with history.reading() as db:
        values = _values(db, target, probe, _COLUMNS[metric], now_utc)
    return _baseline(target, probe, metric, values)


def baselines(history: History, now_utc: float, only: str | None = None) -> list[Baseline]:
    """First token and total of every target and probe of the last 28 days, in one pass."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT target, probe, ttft_s, total_s FROM results WHERE at >= ? AND at < ?"  # noqa: S608
            f" AND (? IS NULL OR target = ?) AND {_WORKED} AND {_THIS_HOUR}",
            (now_utc - DAYS * 86400, now_utc, only, only, now_utc),
        ).fetchall()
    kept: dict[tuple[str, str, str], list[float]] = {}
    for target, probe, ttft, total in rows:
        for metric, value in (("ttft", ttft), ("total", total)):
            values = kept.setdefault((target, probe, metric), [])
            if value is not None:
                values.append(value)
    return [
        _baseline(target, ProbeKind(probe), metric, values)
        for (target, probe, metric), values in sorted(kept.items())
    ]


def with_baselines(target: Target, history: History | None, now_utc: float) -> Target:
    """
    `2x baseline` as seconds: twice the median of this hour, once n carries it.

    Each limit is told in a note with its n; where n is too small there is no limit, and the note says so.
    """
    thresholds = target.thresholds
    for limit in thresholds.baselines:
        found = baseline(history, target.name, target.probes[0], limit.metric, now_utc) if history else None
        words = f"{limit.metric}: {limit.factor:g} x baseline"
        if found is None or found.n < LEAST_N or found.median_s is None:
            note = f"{words} is not judged yet: {found.n if found else 0} of {LEAST_N} results at this hour"
            target = replace(target, notes=(*target.notes, note))
            continue
        seconds = limit.factor * found.median_s
        note = f"{words} is {format_duration(seconds)} (median at this hour, n = {found.n})"
        target = replace(target, notes=(*target.notes, note))
        if limit.critical:
            thresholds = replace(thresholds, critical={**thresholds.critical, limit.metric: seconds})
        else:
            thresholds = _with_limit(thresholds, limit.metric, seconds)
    return replace(target, thresholds=replace(thresholds, baselines=()))


def _baseline(target: str, probe: ProbeKind, metric: str, values: list[float]) -> Baseline:
    found = spread(values)
    return Baseline(target, probe, metric, found.n, found.median_s, found.p95_s)


def _with_limit(thresholds: Thresholds, metric: str, seconds: float) -> Thresholds:
    changes: dict[str, Any] = {f"{metric}_s": seconds}
    return replace(thresholds, **changes)


def _values(db: sqlite3.Connection, target: str, probe: ProbeKind, column: str, now: float) -> list[float]:
    rows = db.execute(
        f"SELECT {column} FROM results WHERE target = ? AND at >= ? AND at < ? AND probe = ?"  # noqa: S608
        f" AND {column} IS NOT NULL AND {_WORKED} AND {_THIS_HOUR}",
        (target, now - DAYS * 86400, now, str(probe), now),
    )
    return [value for (value,) in rows]
