"""
incident.io's own widget (`/api/v1/summary`), and the data inside its pages.

Neither has an overall state: what is not announced is taken to be fine.

Source: recorded answers of status.openai.com and status.fireworks.ai, 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import (
    Claim,
    Reader,
    bounded,
    has,
    is_wanted,
    mapping,
    mappings,
    moment,
    text,
    worst,
)
from llmprobe.statuspages.statuspage import STATES


def widget(page: Any, wanted: Sequence[str]) -> Claim:
    """The announcements about the API's components (all of them, where none is wanted)."""
    found = [*mappings(page, "ongoing_incidents"), *mappings(page, "in_progress_maintenances")]
    mine = [item for item in found if _hit(item, wanted)]
    states = [
        STATES.get(text(c.get("current_status")), PageState.DEGRADED) for i in mine for c in _hit(i, wanted)
    ]
    state = worst(states) if states else PageState.OPERATIONAL
    named = next(
        (c for i in mine for c in _hit(i, wanted) if STATES.get(text(c.get("current_status"))) is state), {}
    )
    return Claim(state, text(named.get("name")) or None, bounded(_incidents(mine)))


def page_data(page: Any, wanted: Sequence[str]) -> Claim:
    """What the page is drawn from: its components carry no state, only those that are affected do."""
    summary = mapping(page, "summary") or page
    if "affected_components" not in summary:
        return Claim(PageState.UNKNOWN, note="the page lists its components without their state")
    affected = [c for c in mappings(summary, "affected_components") if not wanted or is_wanted(c, wanted)]
    states = [STATES.get(text(c.get("status")), PageState.DEGRADED) for c in affected]
    return Claim(worst(states) if states else PageState.OPERATIONAL)


def _is_page_data(page: Any) -> bool:
    return has(page, "expose_status_summary_api") or has(
        mapping(page, "summary"), "expose_status_summary_api"
    )


WIDGET = Reader("/api/v1/summary", lambda page: has(page, "ongoing_incidents", "page_url"), widget)
PAGE_DATA = Reader("", _is_page_data, page_data)


def _hit(item: Mapping[str, Any], wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    components = mappings(item, "affected_components")
    return [c for c in components if not wanted or is_wanted(c, wanted)]


def _incidents(items: Sequence[Mapping[str, Any]]) -> Iterator[PageIncident]:
    for item in items:
        yield PageIncident(
            title=text(item.get("name")),
            state=text(item.get("status")),
            impact=text(item.get("current_worst_impact")) or None,
            began_at_utc=moment(item.get("starts_at")),
            updated_at_utc=moment(item.get("last_update_at")),
            url=text(item.get("url")) or None,
        )
