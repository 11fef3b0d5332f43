"""
Datadog's status pages (`/config.json`): components in groups, of which a group has no state.

Source: recorded answers of status.openrouter.ai, 2026-09.
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
    mappings,
    moment,
    text,
    worst,
)

_STATES = {
    "operational": PageState.OPERATIONAL,
    "degraded": PageState.DEGRADED,
    "partial_outage": PageState.PARTIAL_OUTAGE,
    "major_outage": PageState.MAJOR_OUTAGE,
    "maintenance": PageState.MAINTENANCE,
}


def parse(page: Any, wanted: Sequence[str]) -> Claim:
    """The API's own lines, else all of them."""
    lines = list(_lines(page))
    mine = [line for line in lines if is_wanted(line, wanted)]
    state = worst(_STATES.get(text(line.get("status")), PageState.UNKNOWN) for line in mine or lines)
    return Claim(
        state, text(mine[0].get("name")) if mine else None, bounded(_incidents(page, wanted if mine else ()))
    )


READER = Reader("/config.json", lambda page: has(page, "components", "pageUrl", "incidents"), parse)


def _lines(page: Any) -> Iterator[Mapping[str, Any]]:
    for component in mappings(page, "components"):
        yield from mappings(component, "components") or [component]


def _incidents(page: Any, wanted: Sequence[str]) -> Iterator[PageIncident]:
    for item in mappings(page, "incidents"):
        named = mappings(item, "componentsAffected")
        if item.get("resolved") or (wanted and named and not any(is_wanted(c, wanted) for c in named)):
            continue
        yield PageIncident(
            title=text(item.get("title")),
            state=text(item.get("currentStatus")),
            began_at_utc=moment(item.get("publishedDate")),
            updated_at_utc=moment(item.get("lastModifiedAt")),
        )
