"""
Atlassian Statuspage's `/api/v2/summary.json`, and what incident.io and Rootly answer in its manner.

The API's own component beats the page's indicator: a page says "minor" while its API is partly
out, or "major" for a console that is not the API. Keys may be absent: incident.io has no groups,
leaves `incidents` out when there are none, and names no components in them; Rootly has no components.

Source: recorded answers of status.claude.com and status.openai.com, 2026-07 to 2026-10; Rootly's
documentation of its public API, read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import (
    Claim,
    Reader,
    UnreadableError,
    bounded,
    has,
    is_wanted,
    mapping,
    mappings,
    moment,
    text,
    worst,
)

STATES = {
    "operational": PageState.OPERATIONAL,
    "degraded_performance": PageState.DEGRADED,
    "partial_outage": PageState.PARTIAL_OUTAGE,
    "major_outage": PageState.MAJOR_OUTAGE,
    "full_outage": PageState.MAJOR_OUTAGE,
    "under_maintenance": PageState.MAINTENANCE,
}
_INDICATORS = {
    "none": PageState.OPERATIONAL,
    "minor": PageState.DEGRADED,
    "major": PageState.PARTIAL_OUTAGE,
    "critical": PageState.MAJOR_OUTAGE,
    "maintenance": PageState.MAINTENANCE,
}
_OVER = ("resolved", "postmortem", "completed")


def fits(page: Any) -> bool:
    return has(mapping(page, "status"), "indicator") or any(
        isinstance(c.get("status"), str) for c in mappings(page, "components")
    )


def parse(page: Any, wanted: Sequence[str]) -> Claim:
    """Raises UnreadableError where it is no such summary."""
    components = [c for c in mappings(page, "components") if isinstance(c.get("status"), str)]
    mine = [c for c in components if is_wanted(c, wanted)]
    incidents = bounded(_incidents(page, mine, wanted))
    changed = moment(mapping(page, "page").get("updated_at"))
    if mine:
        state = worst(_state(c) for c in mine)
        named = next(c for c in mine if _state(c) is state)
        times = [at for c in mine if (at := moment(c.get("updated_at"))) is not None]
        return Claim(state, text(named.get("name")), incidents, max(times, default=changed))
    indicator = mapping(page, "status").get("indicator")
    if not components and indicator is None:
        raise UnreadableError("it has neither components nor an overall status")
    if indicator is None and not wanted:
        return Claim(worst(map(_state, components)), None, incidents, changed)
    return _without_component(indicator, incidents, changed, wanted)


READER = Reader("/api/v2/summary.json", fits, parse)
ROOTLY = Reader("/api/v1/status.json", fits, parse)


def _state(component: Mapping[str, Any]) -> PageState:
    return STATES.get(component["status"], PageState.UNKNOWN)


def _without_component(
    indicator: object, incidents: tuple[PageIncident, ...], changed: float | None, wanted: Sequence[str]
) -> Claim:
    """Lists may be partial: all is well where the whole page is; else nobody knows whom it is about."""
    overall = _INDICATORS.get(str(indicator), PageState.UNKNOWN)
    if overall is PageState.OPERATIONAL:
        note = "the page calls all systems operational beside an open incident" if incidents else None
        return Claim(overall, None, incidents, changed, note)
    if not wanted:
        return Claim(overall, None, incidents, changed)
    note = f"the page tells of trouble ({text(indicator)}), and does not list the API's own component"
    return Claim(PageState.UNKNOWN, None, incidents, changed, note)


def _incidents(
    page: Mapping[str, Any], mine: Sequence[Mapping[str, Any]], wanted: Sequence[str]
) -> Iterator[PageIncident]:
    """Open ones that name the API's component, or name none; not those of other products."""
    ids = {str(c.get("id")) for c in mine}
    for incident in mappings(page, "incidents"):
        named = mappings(incident, "components")
        is_mine = any(str(c.get("id")) in ids or is_wanted(c, wanted) for c in named)
        if incident.get("status") in _OVER or incident.get("impact") == "none":
            continue
        if wanted and named and not is_mine:
            continue
        updates = [moment(u.get("created_at")) for u in mappings(incident, "incident_updates")]
        known = [at for at in (*updates, moment(incident.get("updated_at"))) if at is not None]
        yield PageIncident(
            title=text(incident.get("name")),
            state=text(incident.get("status")),
            impact=text(incident.get("impact")) or None,
            began_at_utc=moment(incident.get("started_at")) or moment(incident.get("created_at")),
            updated_at_utc=max(known, default=None),
            url=text(incident.get("shortlink")) or None,
        )
