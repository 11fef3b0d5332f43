"""
FlashDuty's widget (`/api/widget/v1/summary.json`), which says itself how long it holds, and Flashcat's
list of active changes.

Source: recorded answers of status.deepseek.com, 2026-09; FlashDuty's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, Reader, bounded, has, mapping, mappings, moment, text

_STATES = {
    "operational": PageState.OPERATIONAL,
    "degraded": PageState.DEGRADED,
    "partial_outage": PageState.PARTIAL_OUTAGE,
    "full_outage": PageState.MAJOR_OUTAGE,
    "maintenance": PageState.MAINTENANCE,
    "under_maintenance": PageState.MAINTENANCE,
}


def widget(page: Any, wanted: Sequence[str]) -> Claim:
    """The page as a whole: its components are single models."""
    state = _STATES.get(text(mapping(page, "overall").get("status")), PageState.UNKNOWN)
    made, lasts = moment(page.get("generated_at")), page.get("max_stale_seconds")
    until = made + lasts if made is not None and isinstance(lasts, int | float) else None
    incidents = bounded(_incidents(page, "ongoing_incidents"))
    return Claim(state, None, incidents, valid_until_utc=until)


def active(page: Any, wanted: Sequence[str]) -> Claim:
    """Only changes that are going on have a state."""
    incidents = bounded(_incidents(mapping(page, "data"), "active_changes"))
    return Claim(PageState.DEGRADED if incidents else PageState.OPERATIONAL, None, incidents)


WIDGET = Reader("/api/widget/v1/summary.json", lambda page: has(page, "overall", "ongoing_incidents"), widget)
ACTIVE = Reader("", lambda page: has(mapping(page, "data"), "active_changes"), active)


def _incidents(page: Any, key: str) -> Iterator[PageIncident]:
    for item in mappings(page, key):
        update = mapping(item, "last_update")
        yield PageIncident(
            title=text(item.get("title")),
            state=text(item.get("phase")) or text(item.get("status")),
            impact=text(item.get("impact")) or None,
            began_at_utc=moment(item.get("started_at")),
            updated_at_utc=moment(update.get("created_at")) or moment(update.get("at")),
        )
