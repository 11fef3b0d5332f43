"""Recording a run: results, incidents and pauses, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from msgspec.structs import replace

from llmprobe.durations import format_duration
from llmprobe.history import rollup
from llmprobe.history.columns import RESULT, insert, insert_all, read
from llmprobe.history.incidents import AlertRule, Share, advance, note_pages
from llmprobe.history.pauses import keep_pauses
from llmprobe.history.store import History
from llmprobe.history.units import Unit, units
from llmprobe.model import Category, Fault, Result, Run


def record(history: History, run: Run, rule: AlertRule, is_bad: Callable[[Result], bool]) -> None:
    """
    Write a run, and what follows from it for incidents and pauses.

    Args:
        is_bad: What counts as failing (`--fail-on`).

    Raises:
        HistoryError: Nothing of the run was written.
    """
    at = run.started_at_utc + run.duration_s
    with history.writing() as db:
        _write(db, run, is_bad)
        for unit in units(run, is_bad):
            if (verdict := _by_share(db, unit, rule.share, at)) is not None:
                advance(db, verdict, rule, at)
        note_pages(db, run.pages, at)
        keep_pauses(db, run, at)


def _write(db: sqlite3.Connection, run: Run, is_bad: Callable[[Result], bool]) -> None:
    number = insert(db, "runs", {"at": run.started_at_utc})
    rows = (
        (number, is_bad(result), *(get(run, result) for get in RESULT.values())) for result in run.results
    )
    insert_all(db, "results", ["run_id", "bad", *RESULT], rows)
    if number is not None:
        rollup.add(db, number, number)


def _by_share(db: sqlite3.Connection, unit: Unit, share: Share | None, at: float) -> Unit | None:
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


_WINDOW = "FROM results WHERE target = ? AND at > ? AND at <= ? AND status != 'skipped'"


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
