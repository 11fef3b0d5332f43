"""Incidents: opened, counted and closed by the verdicts of a run."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import asdict, replace

from llmprobe.history.columns import insert
from llmprobe.history.hysteresis import State, Turn, step
from llmprobe.history.units import Unit
from llmprobe.model.page import PageReading


class Share(Struct, frozen=True):
    """A target is bad while this share (0 to 1) of at least `least` results of the last seconds is."""

    share: float
    window_s: float
    least: int


class AlertRule(Struct, frozen=True):
    """
    After how many bad and good runs something is told, and after how many seconds it is told again.

    With `share` a run is bad by the results of a while instead of its own.
    """

    confirm: int = 1
    recover: int = 1
    remind_s: float | None = None
    share: Share | None = None

    def repeated(self) -> AlertRule:
        """The same, with what lasts told by every run."""
        return replace(self, remind_s=1e-9)


def advance(db: sqlite3.Connection, unit: Unit, rule: AlertRule, at: float) -> None:
    """Take one more verdict on a target or group into its state, and into its incident."""
    state = _state(db, unit.name)
    after, turn = step(state, bad=unit.bad, at=at, confirm=rule.confirm, recover=rule.recover)
    incident = state.incident
    if turn is Turn.OPENED:
        began = after.streak_since or at
        incident = _open(db, unit, {"opened_at": began, "confirmed_at": at, "failures": rule.confirm})
    elif turn is Turn.CLOSED:
        db.execute("UPDATE incidents SET closed_at = ? WHERE id = ?", (after.streak_since, incident))
        incident = None
    elif state.failing and unit.bad:
        db.execute(
            "UPDATE incidents SET failures = failures + 1, alone = max(alone, ?) WHERE id = ?",
            (unit.alone, incident),
        )
    if turn is not Turn.NOTHING:
        after = replace(after, streak_since=None)
    _keep(db, unit.name, replace(after, incident=incident))


def note_pages(db: sqlite3.Connection, pages: Sequence[PageReading], at: float) -> None:
    """When a vendor's page first told of trouble that we had seen."""
    for page in pages:
        if page.state.is_trouble:
            db.execute(
                "UPDATE incidents SET page_at = ?"
                " WHERE provider = ? AND closed_at IS NULL AND page_at IS NULL",
                (at, page.provider),
            )


def _state(db: sqlite3.Connection, name: str) -> State:
    found = db.execute(
        "SELECT failing, streak, streak_since, incident FROM states WHERE target = ?", (name,)
    ).fetchone()
    return State(bool(found[0]), *found[1:]) if found else State()


def _keep(db: sqlite3.Connection, name: str, state: State) -> None:
    db.execute("DELETE FROM states WHERE target = ?", (name,))
    insert(db, "states", {"target": name, **asdict(state)})


def _open(db: sqlite3.Connection, unit: Unit, times: Mapping[str, float]) -> int | None:
    cause = {
        name: getattr(unit, name) for name in ("provider", "category", "fault", "reason", "hint", "notes")
    }
    return insert(db, "incidents", {"target": unit.name, "alone": unit.alone, **cause, **times})
