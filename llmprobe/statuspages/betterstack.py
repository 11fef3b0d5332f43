"""
Better Stack's `/index.json`.

Its components are often single models, and its automatic "went down" flaps: where the API has no line of
its own, only the aggregate counts. A report is over when its aggregate says so, whatever `ends_at` says.

Source: recorded answers of status.together.ai and status.betterstack.com, 2026-09; its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, Reader, bounded, has, mapping, mappings, moment, text, worst

_STATES = {
    "operational": PageState.OPERATIONAL,
    "degraded": PageState.DEGRADED,
    "downtime": PageState.MAJOR_OUTAGE,
    "maintenance": PageState.MAINTENANCE,
}


def parse(page: Any, wanted: Sequence[str]) -> Claim:
    attributes = _attributes(mapping(page, "data"))
    lines = [
        _attributes(item) for item in mappings(page, "included") if item.get("type") == "status_page_resource"
    ]
    mine = [line for line in lines if line.get("public_name") in wanted]
    if mine:
        state = worst(_STATES.get(text(line.get("status")), PageState.UNKNOWN) for line in mine)
    else:
        state = _STATES.get(text(attributes.get("aggregate_state")), PageState.UNKNOWN)
    name = text(mine[0].get("public_name")) if mine else None
    return Claim(state, name, bounded(_reports(page)), moment(attributes.get("updated_at")))


READER = Reader("/index.json", lambda page: has(_attributes(mapping(page, "data")), "aggregate_state"), parse)


def _attributes(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(item, "attributes")


def _reports(page: Mapping[str, Any]) -> Iterator[PageIncident]:
    for item in mappings(page, "included"):
        attributes = _attributes(item)
        state = text(attributes.get("aggregate_state"))
        if item.get("type") == "status_report" and state != "resolved":
            yield PageIncident(
                text(attributes.get("title")), state, None, moment(attributes.get("starts_at"))
            )
