"""
Atlassian Statuspage's `/api/v2/summary.json`, and what incident.io answers at the same path.

The API's own component beats the page's indicator: a page says "minor" while its API is partly
out, or "major" for a console that is not the API. Keys may be absent: incident.io has no groups,
leaves `incidents` out when there are none, and names no components in them.

Source: recorded answers of status.claude.com and status.openai.com, 2026-07 to 2026-10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, UnreadableError, loaded, moment, worst

_STATES = {
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


def parse(body: bytes, wanted: Sequence[str]) -> Claim:
    """Raises UnreadableError where it is no such summary."""
    page: Mapping[str, Any] = loaded(body, dict)
    components = [c for c in _list(page, "components") if isinstance(c.get("status"), str)]
    mine = [c for c in components if c.get("name") in wanted or c.get("id") in wanted]
    incidents = tuple(_incidents(page, mine, wanted))
    changed = moment(_mapping(page, "page").get("updated_at"))
    if mine:
        state = worst([_STATES.get(c["status"], PageState.UNKNOWN) for c in mine])
        named = next(c for c in mine if _STATES.get(c["status"], PageState.UNKNOWN) is state)
        times = [at for c in mine if (at := moment(c.get("updated_at"))) is not None]
        return Claim(state, str(named.get("name")), incidents, max(times, default=changed))
    indicator = _mapping(page, "status").get("indicator")
    if not components and indicator is None:
        raise UnreadableError("it has neither components nor an overall status")
    return _without_component(indicator, incidents, changed, wanted)


def _without_component(
    indicator: object, incidents: tuple[PageIncident, ...], changed: float | None, wanted: Sequence[str]
) -> Claim:
    """Lists may be partial: all is well where the whole page is; else nobody knows whom it is about."""
    overall = _INDICATORS.get(str(indicator), PageState.UNKNOWN)
    if not wanted or overall is PageState.OPERATIONAL:
        return Claim(overall, None, incidents, changed)
    note = f"the page tells of trouble ({indicator}), and does not list the API's own component"
    return Claim(PageState.UNKNOWN, None, incidents, changed, note)


def _incidents(
    page: Mapping[str, Any], mine: Sequence[Mapping[str, Any]], wanted: Sequence[str]
) -> Iterator[PageIncident]:
    """Open ones that name the API's component, or name none; not those of other products."""
    ids = {c.get("id") for c in mine}
    for incident in _list(page, "incidents"):
        named = [c for c in _list(incident, "components") if isinstance(c, Mapping)]
        is_other = (
            bool(wanted)
            and bool(named)
            and not any(c.get("id") in ids or c.get("name") in wanted for c in named)
        )
        if incident.get("status") in _OVER or incident.get("impact") == "none" or is_other:
            continue
        updates = [moment(u.get("created_at")) for u in _list(incident, "incident_updates")]
        known = [at for at in (*updates, moment(incident.get("updated_at"))) if at is not None]
        yield PageIncident(
            title=str(incident.get("name", "")),
            state=str(incident.get("status", "")),
            impact=incident.get("impact") if isinstance(incident.get("impact"), str) else None,
            began_at_utc=moment(incident.get("started_at")) or moment(incident.get("created_at")),
            updated_at_utc=max(known, default=None),
            url=incident.get("shortlink") if isinstance(incident.get("shortlink"), str) else None,
        )


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
