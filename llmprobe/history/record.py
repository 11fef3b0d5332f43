"""Recording a run: results, incidents, pauses and what is to be told, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from llmprobe.history.hysteresis import State, Turn, step
from llmprobe.history.rows import INCIDENT, incident_of
from llmprobe.history.store import History
from llmprobe.model import Category, Fault, GroupResult, Result, Run, Status
from llmprobe.model.past import Change, ChangeKind
from llmprobe.redact import SCRUB

MAX_BACKOFF_S = 6 * 3600.0
"""A longer Retry-After is not believed: a target must not vanish for a year by one header."""
_WORST_FIRST = (Status.FAILED, Status.DEGRADED, Status.HEALTHY)


class AlertRule(Struct, frozen=True):
    """After how many bad and good runs something is told, and how often it is told again."""

    confirm: int = 1
    recover: int = 1
    remind_s: float | None = None


def record(history: History, run: Run, rule: AlertRule, is_bad: Callable[[Result], bool]) -> list[Change]:
    """
    Write a run, and find what is to be told.

    Args:
        is_bad: What counts as failing (`--fail-on`).

    Returns:
        Changes that were not told yet, of targets that count for themselves and of groups;
        `told` marks them. A crash between the two tells again, and loses nothing.

    Raises:
        HistoryError: Nothing of the run was written.
    """
    at = run.started_at_utc + run.duration_s
    units = list(_units(run, is_bad))
    with history.writing() as db:
        _insert(db, run)
        for unit in units:
            _advance(db, unit, rule, at)
        _note_pages(db, run, at)
        _keep_pauses(db, run, at)
        return list(_changes(db, rule, at, {unit.name for unit in units} - _members(run)))


def told(history: History, changes: Sequence[Change]) -> None:
    """These were delivered. Raises HistoryError."""
    with history.writing() as db:
        for change in changes:
            column = "told_close_at" if change.kind is ChangeKind.CLOSED else "told_open_at"
            db.execute(
                f"UPDATE incidents SET {column} = ? WHERE id = ?",  # noqa: S608
                (change.at_utc, change.incident.id),
            )


class _Unit(Struct, frozen=True):
    """What an incident is of: a target, or a group."""

    name: str
    provider: str
    bad: bool
    category: Category
    fault: Fault | None
    reason: str


def _units(run: Run, is_bad: Callable[[Result], bool]) -> Iterator[_Unit]:
    """Each target by its worst probe, and each group. What was skipped says nothing."""
    for target in dict.fromkeys(r.target for r in run.results):
        known = [r for r in run.results if r.target == target and r.status is not Status.SKIPPED]
        if known:
            worst = min(known, key=lambda r: (not is_bad(r), _WORST_FIRST.index(r.status)))
            yield _Unit(target, worst.provider, is_bad(worst), worst.category, worst.fault, worst.reason)
    for group in run.groups:
        if (unit := _group_unit(group, run)) is not None:
            yield unit


def _group_unit(group: GroupResult, run: Run) -> _Unit | None:
    members = [r for r in run.results if r.target in group.members and r.status is not Status.SKIPPED]
    if not members:
        return None
    worst = min(members, key=lambda r: _WORST_FIRST.index(r.status))
    reason = f"{group.healthy} of {len(group.members)} members work, {group.need} needed; {worst.reason}"
    bad = group.status is Status.FAILED
    return _Unit(f"group:{group.name}", "group", bad, worst.category, worst.fault, reason)


def _members(run: Run) -> set[str]:
    """Members of groups count through their group alone: their incidents are kept, not told."""
    return {member for group in run.groups for member in group.members}


def _insert(db: sqlite3.Connection, run: Run) -> None:
    values = (run.started_at_utc, run.duration_s, int(run.exit_code), SCRUB(run.conclusion), run.version)
    run_id = db.execute(
        "INSERT INTO runs (at, duration_s, exit_code, conclusion, version) VALUES (?, ?, ?, ?, ?)", values
    ).lastrowid
    rows = [_row(run, result) for result in run.results]
    marks = ", ".join("?" * (len(_COLUMNS) + 1))
    db.executemany(
        f"INSERT INTO results (run_id, {', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608
        [(run_id, *map(_scrubbed, row)) for row in rows],
    )


_COLUMNS = (
    "at", "target", "provider", "model", "probe", "status", "category", "fault", "phase", "reason", "rule",
    "http_status", "request_id", "dns_s", "connect_s", "tls_s", "headers_s", "ttft_s", "total_s", "silence_s",
    "input_tokens", "output_tokens", "tokens_per_s", "clock",
)  # fmt: skip


def _row(run: Run, result: Result) -> tuple[object, ...]:
    timings, tokens, http = result.timings, result.tokens, result.http
    at = result.attempts[-1].started_at_utc if result.attempts else run.started_at_utc
    return (
        at, result.target, result.provider, result.model, str(result.probe), str(result.status),
        str(result.category), None if result.fault is None else str(result.fault),
        None if result.phase is None else str(result.phase), result.reason, result.rule,
        http.status, http.request_id, timings.dns_s, timings.connect_s, timings.tls_s, timings.headers_s,
        timings.ttft_s, timings.total_s, timings.longest_silence_s,
        tokens.input, tokens.output, tokens.per_second, result.clock,
    )  # fmt: skip


def _scrubbed(value: object) -> object:
    """A server may have echoed a key: no text is stored with one."""
    return SCRUB(value) if isinstance(value, str) else value


def _advance(db: sqlite3.Connection, unit: _Unit, rule: AlertRule, at: float) -> None:
    found = db.execute(
        "SELECT failing, streak, streak_since, incident FROM states WHERE target = ?", (unit.name,)
    ).fetchone()
    state = State(bool(found[0]), found[1], found[2], found[3]) if found else State()
    after, turn = step(state, bad=unit.bad, at=at, confirm=rule.confirm, recover=rule.recover)
    incident = state.incident
    if turn is Turn.OPENED:
        incident = _open(db, unit, after.streak_since or at, at, rule.confirm)
    elif turn is Turn.CLOSED:
        db.execute("UPDATE incidents SET closed_at = ? WHERE id = ?", (after.streak_since, incident))
        incident = None
    elif state.failing and unit.bad:
        db.execute("UPDATE incidents SET failures = failures + 1 WHERE id = ?", (incident,))
    since = None if turn is not Turn.NOTHING else after.streak_since
    db.execute(
        "INSERT OR REPLACE INTO states (target, failing, streak, streak_since, incident)"
        " VALUES (?, ?, ?, ?, ?)",
        (unit.name, after.failing, after.streak, since, incident),
    )


def _open(db: sqlite3.Connection, unit: _Unit, opened_at: float, at: float, failures: int) -> int | None:
    values = (
        unit.name,
        unit.provider,
        str(unit.category),
        unit.fault and str(unit.fault),
        SCRUB(unit.reason),
    )
    return db.execute(
        "INSERT INTO incidents (target, provider, category, fault, reason, opened_at, confirmed_at, failures)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, opened_at, at, failures),
    ).lastrowid


def _changes(db: sqlite3.Connection, rule: AlertRule, at: float, names: set[str]) -> Iterator[Change]:
    """Of these names: what was opened or closed and not told; what lasts, once a reminder is due."""
    pending = db.execute(
        f"SELECT {INCIDENT}, told_open_at, told_close_at FROM incidents"  # noqa: S608
        " WHERE closed_at IS NULL OR told_close_at IS NULL ORDER BY id"
    ).fetchall()
    for *row, told_open_at, told_close_at in pending:
        incident = incident_of(row)
        if incident.target not in names:
            continue
        if told_open_at is None:
            yield Change(ChangeKind.OPENED, incident, at)
        if incident.closed_at_utc is not None and told_close_at is None:
            yield Change(ChangeKind.CLOSED, incident, at)
        elif told_open_at is not None and rule.remind_s and at - told_open_at >= rule.remind_s:
            yield Change(ChangeKind.REMINDER, incident, at)


def _note_pages(db: sqlite3.Connection, run: Run, at: float) -> None:
    """When a vendor's page first told of trouble that we had seen."""
    for page in run.pages:
        if page.state.is_trouble:
            db.execute(
                "UPDATE incidents SET page_at = ?"
                " WHERE provider = ? AND closed_at IS NULL AND page_at IS NULL",
                (at, page.provider),
            )


def _keep_pauses(db: sqlite3.Connection, run: Run, at: float) -> None:
    """`Retry-After` outlives the run; a pause ends when the target was probed again."""
    for result in run.results:
        if result.status is Status.SKIPPED:
            continue
        key = (result.target, str(result.probe))
        db.execute("DELETE FROM backoffs WHERE target = ? AND probe = ?", key)
        if result.status is Status.FAILED and result.retry_after_s:
            until = at + min(result.retry_after_s, MAX_BACKOFF_S)
            db.execute(
                "INSERT INTO backoffs (target, probe, asked_at, until, category) VALUES (?, ?, ?, ?, ?)",
                (*key, at, until, str(result.category)),
            )
