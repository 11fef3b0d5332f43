"""
Kinds that few vendors use: Checkly (events by day), Cachet (numbers), status.io (containers).

Source: a recorded answer of status.mistral.ai as it was with Checkly, 2026-09; the others' documentation.
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

_SEVERITIES = {"MAJOR": PageState.PARTIAL_OUTAGE, "CRITICAL": PageState.MAJOR_OUTAGE}
_CACHET = {
    1: PageState.OPERATIONAL,
    2: PageState.DEGRADED,
    3: PageState.PARTIAL_OUTAGE,
    4: PageState.MAJOR_OUTAGE,
}
_STATUS_IO = {
    100: PageState.OPERATIONAL,
    200: PageState.MAINTENANCE,
    300: PageState.DEGRADED,
    400: PageState.PARTIAL_OUTAGE,
    500: PageState.MAJOR_OUTAGE,
    600: PageState.MAJOR_OUTAGE,
}


def checkly(page: Any, wanted: Sequence[str]) -> Claim:
    """Events that are not resolved, of the API's services (all, where none is wanted)."""
    events = list(_open_events(page, wanted))
    states = [_SEVERITIES.get(text(event.get("severity")), PageState.DEGRADED) for event in events]
    state = worst(states) if states else PageState.OPERATIONAL
    return Claim(state, None, bounded(map(_event, events)))


def cachet(page: Any, wanted: Sequence[str]) -> Claim:
    """The API's own lines, else all of them."""
    lines = mappings(page, "data")
    mine = [line for line in lines if is_wanted(line, wanted)]
    state = worst(_CACHET.get(_number(line.get("status")), PageState.UNKNOWN) for line in mine or lines)
    return Claim(state, text(mine[0].get("name")) if mine else None)


def status_io(page: Any, wanted: Sequence[str]) -> Claim:
    """The page as a whole."""
    code = mapping(mapping(page, "result"), "status_overall").get("status_code")
    return Claim(_STATUS_IO.get(_number(code), PageState.UNKNOWN))


CHECKLY = Reader("", lambda page: has(page, "uptime", "metadata"), checkly)
CACHET = Reader(
    "/api/v1/components", lambda page: any(has(i, "status_name") for i in mappings(page, "data")), cachet
)
STATUS_IO = Reader("", lambda page: has(mapping(page, "result"), "status_overall"), status_io)


def _open_events(page: Any, wanted: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for group in mappings(page, "uptime"):
        for service in mappings(group, "services"):
            if not wanted or is_wanted(service, wanted):
                for day in mappings(service, "days"):
                    yield from (e for e in mappings(day, "events") if e.get("lastUpdateStatus") != "RESOLVED")


def _event(event: Mapping[str, Any]) -> PageIncident:
    return PageIncident(
        text(event.get("name")),
        text(event.get("lastUpdateStatus")),
        text(event.get("severity")) or None,
        moment(event.get("created_at")),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1
