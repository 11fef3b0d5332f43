"""
Instatus: `/summary.json`, and the list of components (`/v2/components.json`, an object or a bare list).

Source: recorded answers of status.perplexity.com, 2026-09, and Instatus' documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

_STATES = {
    "UP": PageState.OPERATIONAL,
    "HASISSUES": PageState.DEGRADED,
    "UNDERMAINTENANCE": PageState.MAINTENANCE,
    "OPERATIONAL": PageState.OPERATIONAL,
    "DEGRADEDPERFORMANCE": PageState.DEGRADED,
    "PARTIALOUTAGE": PageState.PARTIAL_OUTAGE,
    "MINOROUTAGE": PageState.PARTIAL_OUTAGE,
    "MAJOROUTAGE": PageState.MAJOR_OUTAGE,
}


def summary(page: Any, wanted: Sequence[str]) -> Claim:
    """The page as a whole: without trouble it is `page` alone."""
    incidents = bounded(_incidents(page))
    states = [_STATES.get(text(mapping(page, "page").get("status")).upper(), PageState.UNKNOWN)]
    states += [_STATES[i.impact.upper()] for i in incidents if i.impact and i.impact.upper() in _STATES]
    return Claim(worst(states), None, incidents)


def components(page: Any, wanted: Sequence[str]) -> Claim:
    """The API's own lines, else all of them."""
    found = [c for c in _components(page) if text(c.get("status")) in _STATES]
    mine = [c for c in found if is_wanted(c, wanted)]
    state = worst(_STATES[c["status"]] for c in mine or found)
    return Claim(state, text(mine[0].get("name")) if mine else None)


SUMMARY = Reader("/summary.json", lambda page: has(mapping(page, "page"), "status"), summary)
COMPONENTS = Reader(
    "/v2/components.json",
    lambda page: any(text(c.get("status")) in _STATES for c in _components(page)),
    components,
)


def _components(page: Any) -> list[Any]:
    found = mappings(page, "components") if isinstance(page, dict) else mappings(page)
    return [*found, *(child for c in found for child in mappings(c, "children"))]


def _incidents(page: Any) -> Iterator[PageIncident]:
    for item in mappings(page, "activeIncidents"):
        yield PageIncident(
            title=text(item.get("name")),
            state=text(item.get("status")),
            impact=text(item.get("impact")) or None,
            began_at_utc=moment(item.get("started")),
            updated_at_utc=moment(item.get("updatedAt")),
            url=text(item.get("url")) or None,
        )
