"""Verdicts by the share of failures in a window, instead of by the last run alone."""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from llmprobe.durations import format_duration
from llmprobe.history.columns import read
from llmprobe.history.incidents import Share
from llmprobe.history.units import Unit
from llmprobe.model import Category, Fault

_WINDOW = "FROM results WHERE target = ? AND at > ? AND at <= ? AND status != 'skipped'"


def by_share(db: sqlite3.Connection, unit: Unit, share: Share | None, at: float) -> Unit | None:
    """The verdict by the share of failures where that is asked for; None where too few results carry it."""
    if share is None or unit.is_group:
        return unit
    window = (unit.name, at - share.window_s, at)
    n, bad = db.execute(f"SELECT count(*), coalesce(sum(bad), 0) {_WINDOW}", window).fetchone()
    if n < share.least:
        return None
    if bad / n < share.share:
        return replace(unit, bad=False)
    cause = unit if unit.bad else _last_bad(db, unit, window)
    words = f"{bad} of {n} results failed within {format_duration(share.window_s)}; {cause.reason}"
    return replace(cause, bad=True, reason=words)


def _last_bad(db: sqlite3.Connection, unit: Unit, window: tuple[str, float, float]) -> Unit:
    """With the cause of the last failure, where this run did not fail itself."""
    names = ("category", "fault", "reason", "hint")
    row = db.execute(
        f"SELECT {', '.join(names)} {_WINDOW} AND bad ORDER BY at DESC LIMIT 1",
        window,
    ).fetchone()
    category, fault, reason, hint = map(read, names, row)
    side = Fault(fault) if fault else None
    alone = unit.alone or side is Fault.CLIENT
    return replace(unit, category=Category(category), fault=side, reason=reason, hint=hint, alone=alone)
