"""Forgetting: results older than `keep`, and the oldest of them where the file grows too large."""

from __future__ import annotations

import sqlite3

from llmprobe.history.store import History

_AT_ONCE = 5000
_PAGES_AT_ONCE = 2000


def forget(history: History, *, before_utc: float, max_bytes: int | None = None) -> int:
    """
    Delete runs that began before an instant, then the oldest while the file is over `max_bytes`.

    At most 5,000 runs at once, so that a run from cron does not wait for a great clean-up: the
    next one goes on. Incidents that are closed go with their time.

    Returns:
        How many runs were forgotten. Raises HistoryError.
    """
    with history.writing() as db:
        old = [
            row[0]
            for row in db.execute(
                "SELECT id FROM runs WHERE at < ? ORDER BY at LIMIT ?", (before_utc, _AT_ONCE)
            )
        ]
        _delete(db, old)
        db.execute("DELETE FROM incidents WHERE closed_at < ?", (before_utc,))
        if max_bytes is not None and _used(db) > max_bytes:
            share = max(1, db.execute("SELECT count(*) FROM runs").fetchone()[0] // 10)
            oldest = [
                row[0]
                for row in db.execute("SELECT id FROM runs ORDER BY at LIMIT ?", (min(share, _AT_ONCE),))
            ]
            _delete(db, oldest)
            old += oldest
        _forget_hours(db)
    if old:
        with history.reading() as db:
            db.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
    return len(old)


def _delete(db: sqlite3.Connection, runs: list[int]) -> None:
    db.executemany("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])


def _used(db: sqlite3.Connection) -> int:
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _forget_hours(db: sqlite3.Connection) -> None:
    """Hours of which no result is left."""
    (first,) = db.execute("SELECT min(at) FROM results").fetchone()
    if first is not None:
        db.execute("DELETE FROM hours WHERE hour < CAST(? / 3600 AS INTEGER)", (first,))
