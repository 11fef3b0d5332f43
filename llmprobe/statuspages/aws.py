"""
AWS' current events (`health.aws.amazon.com/public/currentevents`).

One feed tells of all regions: only the service in the target's own region counts, else one region's
outage makes the service red for everybody. A resolved event stays listed for a while. On the wire it is
UTF-16 with a byte order mark.

Source: recorded answers of 2026-08 and 2026-09.
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
    mapping,
    mappings,
    text,
    worst,
)

_STATES = {
    "0": PageState.OPERATIONAL,
    "1": PageState.DEGRADED,
    "2": PageState.PARTIAL_OUTAGE,
    "3": PageState.MAJOR_OUTAGE,
}
REGION = "{region}"


def parse(page: Any, wanted: Sequence[str]) -> Claim:
    """`wanted` are service keys: `bedrock-eu-central-1`, or `bedrock-{region}` where that is not known."""
    if any(REGION in name for name in wanted):
        return _anywhere(page, wanted)
    found = [(event, impact) for event in mappings(page) for key, impact in _impacts(event) if key in wanted]
    states = [_STATES.get(str(impact.get("current")), PageState.DEGRADED) for _, impact in found]
    state = worst(states) if states else PageState.OPERATIONAL
    mine = [event for event, impact in found if str(impact.get("current")) != "0"]
    return Claim(state, wanted[0] if wanted else None, bounded(map(_incident, mine)))


def _anywhere(page: Any, wanted: Sequence[str]) -> Claim:
    """Without a region nothing can be concluded from trouble in some of them."""
    starts = tuple(name.partition(REGION)[0] for name in wanted)
    hit = {
        key
        for event in mappings(page)
        for key, impact in _impacts(event)
        if key.startswith(starts) and str(impact.get("current")) != "0"
    }
    if not hit:
        return Claim(PageState.OPERATIONAL)
    return Claim(PageState.UNKNOWN, note=f"trouble in some regions ({', '.join(sorted(hit))}); name a target")


def catalogue(page: Any, wanted: Sequence[str]) -> Claim:
    """The list of services and regions looks alike, and says nothing of their state."""
    raise UnreadableError("it lists services and regions, and not their state")


EVENTS = Reader("", lambda page: any(has(e, "impacted_services") for e in mappings(page)), parse)
SERVICES = Reader(
    "", lambda page: any(has(e, "event_type_code", "region_id") for e in mappings(page)), catalogue
)


def _impacts(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, impact in mapping(event, "impacted_services").items():
        if isinstance(impact, Mapping):
            yield text(key), impact


def _incident(event: Mapping[str, Any]) -> PageIncident:
    times = [entry.get("timestamp") for entry in mappings(event, "event_log")]
    known = [float(at) for at in times if isinstance(at, int) and 0 < at < 1e11]
    began = text(event.get("date"))
    return PageIncident(
        f"{text(event.get('summary'))} ({text(event.get('region_name'))})",
        "",
        None,
        float(began) if began.isdecimal() and len(began) < 12 else None,
        max(known, default=None),
    )
