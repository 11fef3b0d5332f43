"""What the commands ask: recent results, incidents, availability over a time."""

from __future__ import annotations

from collections.abc import Iterable

from llmprobe.history.columns import row_of, selected
from llmprobe.history.store import History
from llmprobe.model.past import Incident, PastResult, Spread
from llmprobe.quantiles import quantile

MIN_N = {0.5: 3, 0.95: 20, 0.99: 100}


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


def open_incidents(history: History) -> list[Incident]:
    """Those that last, without members of a group that are told through it, the oldest first."""
    with history.reading() as db:
        rows = db.execute(
            f"SELECT {selected(Incident)} FROM incidents WHERE closed_at IS NULL AND alone ORDER BY id"  # noqa: S608
        )
        return [row_of(Incident, row) for row in rows]


def incident(history: History, number: int) -> Incident | None:
    """One incident; None where it has been forgotten."""
    with history.reading() as db:
        row = db.execute(
            f"SELECT {selected(Incident)} FROM incidents WHERE id = ?",  # noqa: S608
            (number,),
        ).fetchone()
        return None if row is None else row_of(Incident, row)


def spread(values: Iterable[float]) -> Spread:
    """The percentiles that n can carry: the median from 3, p95 from 20, p99 from 100."""
    ordered = sorted(values)
    figures = [quantile(ordered, q) if len(ordered) >= least else None for q, least in MIN_N.items()]
    return Spread(len(ordered), *figures)
