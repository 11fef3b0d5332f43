"""What a vendor's own status page says: a claim of theirs, never a verdict of ours."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class PageState(StrEnum):
    """How a page describes the API."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"

    @property
    def is_trouble(self) -> bool:
        return self in (PageState.DEGRADED, PageState.PARTIAL_OUTAGE, PageState.MAJOR_OUTAGE)


class PageIncident(Struct, frozen=True):
    """An open incident that may be about the API; instants are epoch seconds."""

    title: str
    state: str = ""
    impact: str | None = None
    began_at_utc: float | None = None
    updated_at_utc: float | None = None
    url: str | None = None


class PageReading(Struct, frozen=True):
    """
    One reading of one page.

    `component` is the line that was judged (None: the page as a whole); `changed_at_utc` is the last
    change that the page tells of; `problem` says why nothing could be concluded; `note` what else to know.
    `reached` is None where nothing was asked for, because no program can read the page.
    """

    provider: str
    title: str
    url: str
    state: PageState
    read_at_utc: float
    component: str | None = None
    incidents: tuple[PageIncident, ...] = ()
    changed_at_utc: float | None = None
    problem: str | None = None
    note: str | None = None
    reached: bool | None = None


class Upstreams(Struct, frozen=True):
    """What a router says of the providers behind one of its models; `worst_uptime` is in percent."""

    listed: int
    up: int
    worst_uptime: float | None = None
