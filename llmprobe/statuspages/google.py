"""
Google Cloud's `incidents.json`, and AI Studio's list of incidents.

Both are histories: what has no end is open. Cloud products are matched by id, their titles change. AI
Studio's list is positional: id, title, severity, updates, category, components (1 is the API); an update
is code, local time, epoch seconds, text, and code 4 says that it is resolved.

Source: recorded answers of status.cloud.google.com, 2026-08 and 2026-09, and of aistudio.google.com, 2026-04.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, Reader, bounded, has, mappings, moment, text, worst

_IMPACTS = {
    "SERVICE_INFORMATION": PageState.DEGRADED,
    "SERVICE_DISRUPTION": PageState.PARTIAL_OUTAGE,
    "SERVICE_OUTAGE": PageState.MAJOR_OUTAGE,
}
_RESOLVED, _API = 4, 1


def cloud(page: Any, wanted: Sequence[str]) -> Claim:
    """Open incidents of the products in `wanted`."""
    found = mappings(page)
    mine = [item for item in found if not item.get("end") and _is_about(item, wanted)]
    states = [_IMPACTS.get(text(item.get("status_impact")), PageState.DEGRADED) for item in mine]
    changes = [at for item in found if (at := moment(item.get("modified"))) is not None]
    state = worst(states) if states else PageState.OPERATIONAL
    return Claim(state, None, bounded(map(_incident, mine)), max(changes, default=None))


def ai_studio(page: Any, wanted: Sequence[str]) -> Claim:
    """Open incidents of the API itself."""
    mine = [entry for entry in _entries(page) if _API in entry[5] and entry[3][-1][0] != _RESOLVED]
    state = PageState.DEGRADED if mine else PageState.OPERATIONAL
    return Claim(state, "Gemini API", bounded(map(_entry_incident, mine)))


CLOUD = Reader(
    "/incidents.json", lambda page: any(has(i, "affected_products", "begin") for i in mappings(page)), cloud
)
AI_STUDIO = Reader("", lambda page: bool(_entries(page)), ai_studio)


def _is_about(incident: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    products = mappings(incident, "affected_products")
    return not wanted or any(p.get("id") in wanted or p.get("title") in wanted for p in products)


def _incident(item: Mapping[str, Any]) -> PageIncident:
    return PageIncident(
        text(item.get("external_desc"), 120),
        text(item.get("status_impact")),
        text(item.get("severity")) or None,
        moment(item.get("begin")),
        moment(item.get("modified")),
    )


def _entries(page: Any) -> list[list[Any]]:
    """The entries that are whole; they stand two lists deep."""
    lists = (
        [inner for outer in page if isinstance(outer, list) for inner in outer]
        if isinstance(page, list)
        else []
    )
    entries = [entry for found in lists if isinstance(found, list) for entry in (found, *found)]
    return [entry for entry in entries if _is_entry(entry)]


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) >= 6
        and isinstance(entry[1], str)
        and isinstance(entry[3], list)
        and bool(entry[3])
        and all(isinstance(update, list) and len(update) >= 3 for update in entry[3])
        and isinstance(entry[5], list)
    )


def _entry_incident(entry: list[Any]) -> PageIncident:
    times = [_seconds(update[2]) for update in entry[3]]
    known = [at for at in times if at is not None]
    return PageIncident(text(entry[1]), "", None, min(known, default=None), max(known, default=None))


def _seconds(value: Any) -> float | None:
    found = value[0] if isinstance(value, list) and value else None
    return float(found) if isinstance(found, str) and found.isdecimal() and len(found) < 12 else None
