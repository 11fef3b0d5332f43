"""Times in which nothing is told: maintenance that is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase

from msgspec.structs import replace

from llmprobe.config.alerts import Mute
from llmprobe.model import Run
from llmprobe.model.past import Change


def muting(mutes: Sequence[Mute], run: Run, name: str, at_utc: float) -> Mute | None:
    """The window in force for a target (or `group:NAME`) at an instant, if there is one."""
    tags = {tag for r in run.results if r.target == name for tag in r.tags}
    return next((mute for mute in mutes if _names(mute, name, tags) and until(mute, at_utc)), None)


def with_mute(change: Change, mutes: Sequence[Mute], run: Run) -> Change:
    """The change, with the window in which it began: what is told late says why."""
    mute = muting(mutes, run, change.incident.target, change.incident.opened_at_utc)
    return change if mute is None else replace(change, muted=mute.reason)


def until(mute: Mute, at_utc: float) -> datetime | None:
    """When a window that is in force ends; None outside of it."""
    now = datetime.fromtimestamp(at_utc, mute.zone)
    if isinstance(mute.start, datetime) and isinstance(mute.end, datetime):
        return mute.end if mute.start <= now < mute.end else None
    assert isinstance(mute.start, time)
    assert isinstance(mute.end, time)
    return _daily(mute, mute.start, mute.end, now)


def _daily(mute: Mute, start: time, end: time, now: datetime) -> datetime | None:
    """A window may have begun yesterday: from 22:00 to 06:00."""
    for day in (now.date(), now.date() - timedelta(days=1)):
        begins = datetime.combine(day, start, mute.zone)
        ends = datetime.combine(day if end > start else day + timedelta(days=1), end, mute.zone)
        if (not mute.days or day.weekday() in mute.days) and begins <= now < ends:
            return ends
    return None


def notes_of(mutes: Sequence[Mute], run: Run, at_utc: float) -> list[str]:
    """What a run says of the windows in force: who is not told of, until when and why."""
    names = [*dict.fromkeys(r.target for r in run.results), *(f"group:{g.name}" for g in run.groups)]
    by_window: dict[int, list[str]] = {}
    for name in names:
        mute = muting(mutes, run, name, at_utc)
        if mute is not None:
            by_window.setdefault(mutes.index(mute), []).append(name)
    return [_words(mutes[number], found, at_utc) for number, found in by_window.items()]


def _words(mute: Mute, names: Sequence[str], at_utc: float) -> str:
    ends = until(mute, at_utc)
    assert ends is not None
    why = f" ({mute.reason})" if mute.reason else ""
    return f"alerts about {', '.join(names)} are muted until {ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC{why}"


def _names(mute: Mute, name: str, tags: set[str]) -> bool:
    return any(
        pattern[1:] in tags if pattern.startswith("@") else fnmatchcase(name, pattern)
        for pattern in mute.targets
    )
