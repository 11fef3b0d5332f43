"""What a reader of one kind of page must offer: bytes in, a claim out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from llmprobe.dates import parse_http_date, parse_rfc3339
from llmprobe.model.page import PageIncident, PageState


class Claim(Struct, frozen=True):
    """What a page says of the API, before it is known which provider's page it was."""

    state: PageState
    component: str | None = None
    incidents: tuple[PageIncident, ...] = ()
    changed_at_utc: float | None = None
    note: str | None = None


class UnreadableError(Exception):
    """The page is not of the shape that its kind should have; the message says what is wrong."""


Parse = Callable[[bytes, Sequence[str]], Claim]
"""Body and the names or ids of the components that speak for the API. Raises UnreadableError."""


def loaded(body: bytes, kind: type[Any]) -> Any:
    """The JSON of a page. Raises UnreadableError where it is none, or of another shape than `kind`."""
    try:
        value = json.loads(body)
    except ValueError:
        raise UnreadableError("it is not JSON") from None
    if not isinstance(value, kind):
        raise UnreadableError("it is JSON of another shape")
    return value


_WORST = (
    PageState.MAJOR_OUTAGE,
    PageState.PARTIAL_OUTAGE,
    PageState.DEGRADED,
    PageState.MAINTENANCE,
    PageState.UNKNOWN,
    PageState.OPERATIONAL,
)


def worst(states: Sequence[PageState]) -> PageState:
    """The worst of these; unknown where there are none."""
    return next((state for state in _WORST if state in states), PageState.UNKNOWN)


def moment(value: object) -> float | None:
    """Epoch seconds of a date in JSON or a feed; None for anything else."""
    if not isinstance(value, str):
        return None
    found = parse_rfc3339(value)
    return parse_http_date(value) if found is None else found
