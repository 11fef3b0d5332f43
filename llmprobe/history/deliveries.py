"""
What each sink was told, and what it still has to be told.

A sink that cannot be reached misses nothing and is not flooded afterwards: of each target it is owed the
newest state alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from llmprobe.history.columns import row_of, selected
from llmprobe.history.incidents import AlertRule
from llmprobe.history.shares import by_share
from llmprobe.history.store import History
from llmprobe.history.units import Unit, units
from llmprobe.model import Result, Run
from llmprobe.model.past import Change, ChangeKind, Incident

NOTE_AGAIN_S = 86400.0
"""A sink that stays out of reach is mentioned once a day."""


def due(
    history: History, sink: str, run: Run, rule: AlertRule, is_bad: Callable[[Result], bool]
) -> list[Change]:
    """
    What a sink has to be told after a recorded run, oldest first: for each target of the run its newest
    state, where the sink does not know it yet; what lasts, once a reminder is due. Raises HistoryError.
    """
    at = run.started_at_utc + run.duration_s
    names = {r.target for r in run.results} | {f"group:{group.name}" for group in run.groups}
    with history.writing() as db:
        db.execute("INSERT OR IGNORE INTO sinks (sink, since) VALUES (?, ?)", (sink, run.started_at_utc))
        seen = {unit.name: by_share(db, unit, rule.share, at) or unit for unit in units(run, is_bad)}
        owed = {change.incident.target: change for change in _owed(db, sink, rule, at, seen)}
    return [change for target, change in owed.items() if target in names]


def settle(
    history: History, arrived: Mapping[str, Sequence[Change]], failed: Sequence[str], at_utc: float
) -> set[str]:
    """
    Remember who was told what, and who could not be reached.

    Returns:
        The failed sinks that are worth a word now: at once, then once a day. Raises HistoryError.
    """
    with history.writing() as db:
        for sink, changes in arrived.items():
            _arrived(db, sink, changes)
        return {sink for sink in failed if _failed(db, sink, at_utc)}


def failing(history: History) -> set[str]:
    """The sinks that could not be reached the last time. Raises HistoryError."""
    with history.reading() as db:
        return {row[0] for row in db.execute("SELECT sink FROM sinks WHERE failures > 0")}


def untracked(run: Run, is_bad: Callable[[Result], bool]) -> list[Change]:
    """What there is to tell where nothing is remembered: everything that is bad, as if it had just begun."""
    at = run.started_at_utc + run.duration_s
    bad = [unit for unit in units(run, is_bad) if unit.bad and unit.alone]
    return [_change(ChangeKind.OPENED, _fresh(unit, at), at, unit) for unit in bad]


def _fresh(unit: Unit, at: float) -> Incident:
    return Incident(0, unit.name, unit.provider, unit.category, unit.fault, unit.reason, at, at, None, 1)


def _arrived(db: sqlite3.Connection, sink: str, changes: Sequence[Change]) -> None:
    """These changes settle what was owed of their targets before."""
    for change in changes:
        db.execute(
            "INSERT OR REPLACE INTO deliveries (sink, incident, told_at, closed)"
            " SELECT ?, id, ?, closed_at IS NOT NULL FROM incidents WHERE target = ? AND id <= ?",
            (sink, change.at_utc, change.incident.target, change.incident.id),
        )
    db.execute("UPDATE sinks SET failures = 0, noted_at = NULL WHERE sink = ?", (sink,))


def _failed(db: sqlite3.Connection, sink: str, at: float) -> bool:
    """Whether this failure is worth a word now."""
    db.execute("INSERT OR IGNORE INTO sinks (sink, since) VALUES (?, ?)", (sink, at))
    (noted,) = db.execute("SELECT noted_at FROM sinks WHERE sink = ?", (sink,)).fetchone()
    mention = noted is None or at - noted >= NOTE_AGAIN_S
    db.execute(
        "UPDATE sinks SET failures = failures + 1, noted_at = ? WHERE sink = ?",
        (at if mention else noted, sink),
    )
    return mention


_OWED = f"""
SELECT told_at, told_closed, {selected(Incident)} FROM (
    SELECT incidents.*, max(told_at) AS told_at, max(closed) AS told_closed
    FROM incidents LEFT JOIN deliveries ON incident = id AND sink IN (?, '')
    WHERE alone GROUP BY id
)
WHERE closed_at IS NULL
    OR (told_at IS NOT NULL AND NOT told_closed)
    OR (told_at IS NULL AND confirmed_at >= (SELECT since FROM sinks WHERE sink = ?))
ORDER BY id
"""  # noqa: S608


def _owed(
    db: sqlite3.Connection, sink: str, rule: AlertRule, at: float, seen: dict[str, Unit]
) -> Iterator[Change]:
    for told_at, told_closed, *row in db.execute(_OWED, (sink, sink)):
        incident = row_of(Incident, row)
        kind = _kind(incident, told_at, rule, at)
        if kind is not None and not told_closed:
            change = _change(kind, incident, at, seen.get(incident.target))
            yield replace(change, known=told_at is not None)


def _kind(incident: Incident, told_at: float | None, rule: AlertRule, at: float) -> ChangeKind | None:
    if incident.closed_at_utc is not None:
        return ChangeKind.CLOSED
    if told_at is None:
        return ChangeKind.OPENED
    return ChangeKind.REMINDER if rule.remind_s and at - told_at >= rule.remind_s else None


def _change(kind: ChangeKind, incident: Incident, at: float, now: Unit | None) -> Change:
    """With the cause as this run saw it; the incident's own where it was not seen."""
    cause = now if now is not None and now.bad and kind is not ChangeKind.CLOSED else incident
    return Change(kind, incident, at, cause.category, cause.fault, cause.reason, cause.hint)
