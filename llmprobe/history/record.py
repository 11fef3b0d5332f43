"""Recording a run: results, incidents and pauses, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from llmprobe.history import rollup
from llmprobe.history.columns import RESULT, insert, insert_all
from llmprobe.history.incidents import AlertRule, advance, note_pages
from llmprobe.history.pauses import keep_pauses
from llmprobe.history.shares import by_share
from llmprobe.history.store import History
from llmprobe.history.units import units
from llmprobe.model import Result, Run


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
            if (verdict := by_share(db, unit, rule.share, at)) is not None:
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
