"""
Instatus (`/summary.json`), Better Stack (`/index.json`) and Google Cloud (`incidents.json`).

Source: providers' pages and two public monitors' source lists, read 2026-11-22. Better Stack's
automatic "went down" flaps, so that only its aggregate state counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, UnreadableError, loaded, moment, worst

_INSTATUS = {
    "UP": PageState.OPERATIONAL,
    "HASISSUES": PageState.DEGRADED,
    "UNDERMAINTENANCE": PageState.MAINTENANCE,
    "OPERATIONAL": PageState.OPERATIONAL,
    "DEGRADEDPERFORMANCE": PageState.DEGRADED,
    "PARTIALOUTAGE": PageState.PARTIAL_OUTAGE,
    "MINOROUTAGE": PageState.PARTIAL_OUTAGE,
    "MAJOROUTAGE": PageState.MAJOR_OUTAGE,
}
_BETTERSTACK = {
    "operational": PageState.OPERATIONAL,
    "degraded": PageState.DEGRADED,
    "downtime": PageState.MAJOR_OUTAGE,
    "maintenance": PageState.MAINTENANCE,
}
_GOOGLE = {
    "SERVICE_INFORMATION": PageState.DEGRADED,
    "SERVICE_DISRUPTION": PageState.PARTIAL_OUTAGE,
    "SERVICE_OUTAGE": PageState.MAJOR_OUTAGE,
}


def instatus(body: bytes, wanted: Sequence[str]) -> Claim:
    """Raises UnreadableError."""
    page = loaded(body, dict)
    status = page.get("page", {}).get("status") if isinstance(page.get("page"), dict) else None
    if status is None:
        raise UnreadableError("it has no page.status")
    found = page.get("activeIncidents")
    incidents = [
        PageIncident(
            str(item.get("name", "")),
            str(item.get("status", "")),
            str(item.get("impact")) if item.get("impact") else None,
            moment(item.get("started")),
            moment(item.get("updatedAt")),
            item.get("url") if isinstance(item.get("url"), str) else None,
        )
        for item in (found if isinstance(found, list) else [])
        if isinstance(item, dict)
    ]
    states = [_INSTATUS.get(str(status).upper(), PageState.UNKNOWN)]
    states += [_INSTATUS[i.impact.upper()] for i in incidents if i.impact and i.impact.upper() in _INSTATUS]
    return Claim(worst(states), None, tuple(incidents))


def betterstack(body: bytes, wanted: Sequence[str]) -> Claim:
    """Raises UnreadableError."""
    page = loaded(body, dict)
    data = page.get("data")
    attributes = data.get("attributes") if isinstance(data, dict) else None
    if not isinstance(attributes, dict) or "aggregate_state" not in attributes:
        raise UnreadableError("it has no data.attributes.aggregate_state")
    state = _BETTERSTACK.get(str(attributes["aggregate_state"]), PageState.UNKNOWN)
    return Claim(state, None, tuple(_reports(page)), moment(attributes.get("updated_at")))


def _reports(page: Mapping[str, Any]) -> Iterator[PageIncident]:
    included = page.get("included")
    for item in included if isinstance(included, list) else []:
        attributes = item.get("attributes") if isinstance(item, dict) else None
        if (
            not isinstance(attributes, dict)
            or item.get("type") != "status_report"
            or attributes.get("ends_at")
        ):
            continue
        state = str(attributes.get("aggregate_state", ""))
        yield PageIncident(str(attributes.get("title", "")), state, None, moment(attributes.get("starts_at")))


def google(body: bytes, wanted: Sequence[str]) -> Claim:
    """Open incidents (no `end`) of the products in `wanted`. Raises UnreadableError."""
    found = [item for item in loaded(body, list) if isinstance(item, dict)]
    open_ones = [item for item in found if not item.get("end") and _is_about(item, wanted)]
    incidents = tuple(
        PageIncident(
            " ".join(str(item.get("external_desc", "")).split())[:120],
            str(item.get("status_impact", "")),
            str(item.get("severity")) if item.get("severity") else None,
            moment(item.get("begin")),
            moment(item.get("modified")),
        )
        for item in open_ones
    )
    states = [_GOOGLE.get(str(item.get("status_impact")), PageState.DEGRADED) for item in open_ones]
    changes = [at for item in found if (at := moment(item.get("modified"))) is not None]
    state = worst(states) if states else PageState.OPERATIONAL
    return Claim(state, None, incidents, max(changes, default=None))


def _is_about(incident: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    products = incident.get("affected_products")
    named = [p for p in products if isinstance(p, dict)] if isinstance(products, list) else []
    return any(p.get("id") in wanted or p.get("title") in wanted for p in named)
