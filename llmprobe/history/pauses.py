"""Pauses that servers asked for and that have not ended: the next run keeps to them."""

from __future__ import annotations

from collections.abc import Mapping

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.history.store import History
from llmprobe.model import CATEGORY_WORDS, Category, ProbeKind


def pauses(history: History, now_utc: float) -> Mapping[tuple[str, ProbeKind], str]:
    """(target, probe) to the reason why it must not be sent now. Raises HistoryError."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT target, probe, asked_at, until, category FROM backoffs WHERE until > ?", (now_utc,)
        )
        return {
            (target, ProbeKind(probe)): _reason(asked_at, until, Category(category), now_utc)
            for target, probe, asked_at, until, category in rows
        }


def _reason(asked_at: float, until: float, category: Category, now: float) -> str:
    pause, left = format_duration(until - asked_at), format_duration(until - now)
    when = format_utc(asked_at)[11:16]
    return (
        f"at {when} UTC the server asked for a pause of {pause} ({CATEGORY_WORDS[category]}); {left} are left"
    )
