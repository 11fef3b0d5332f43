"""Pauses that have not ended: asked for by servers, or ours where a quota is used up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.history.store import History
from llmprobe.model import CATEGORY_WORDS, Category, Fault, Pause, ProbeKind, Result, Run, Status

MAX_PAUSE_S = 6 * 3600.0
"""A longer Retry-After is not believed: a target must not vanish for a year by one header."""
QUOTA_PAUSE_S = 1800.0
"""After a used-up quota without Retry-After: waiting minutes does not help, and asking is impolite."""


def pauses(history: History, now_utc: float) -> Mapping[tuple[str, ProbeKind], Pause]:
    """(target, probe) to the pause during which it must not be sent. Raises HistoryError."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT target, probe, asked_at, until, category, fault, by_server FROM backoffs WHERE until > ?",
            (now_utc,),
        ).fetchall()
    return {(row[0], ProbeKind(row[1])): _pause(row[2:], now_utc) for row in rows}


def keep_pauses(db: sqlite3.Connection, run: Run, at_utc: float) -> None:
    """A pause outlives the run that met it, and ends when the target was probed again."""
    for result in run.results:
        if result.status is Status.SKIPPED:
            continue
        key = (result.target, str(result.probe))
        db.execute("DELETE FROM backoffs WHERE target = ? AND probe = ?", key)
        if (seconds := lasts_s(result)) is not None:
            fault = None if result.fault is None else str(result.fault)
            cause = (str(result.category), fault, result.retry_after_s is not None)
            db.execute(
                "INSERT INTO backoffs (target, probe, asked_at, until, category, fault, by_server)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*key, at_utc, at_utc + seconds, *cause),
            )


def lasts_s(result: Result) -> float | None:
    """How many seconds a result's target is left alone after it; None where it is not."""
    if result.status is not Status.FAILED:
        return None
    if result.retry_after_s:
        return min(result.retry_after_s, MAX_PAUSE_S)
    return QUOTA_PAUSE_S if result.category is Category.QUOTA_EXHAUSTED else None


def _pause(row: Sequence[Any], now: float) -> Pause:
    asked_at, until, category, fault, by_server = row
    cause, when = Category(category), format_utc(asked_at)[11:16]
    left = format_duration(until - now)
    if by_server:
        asked = f"the server asked for a pause of {format_duration(until - asked_at)}"
        reason = f"at {when} UTC {asked} ({CATEGORY_WORDS[cause]}); {left} are left"
    else:
        reason = f"{CATEGORY_WORDS[cause]} at {when} UTC; it is asked again in {left}"
    return Pause(reason, cause, Fault(fault) if fault else None, until - now)
