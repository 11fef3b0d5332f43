"""What a reader of one kind of page must offer: a decoded page in, a claim out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from llmprobe.dates import parse_http_date, parse_rfc3339
from llmprobe.foreign import json_value
from llmprobe.model.page import PageIncident, PageState

MOST_INCIDENTS = 20
MOST_TITLE_CHARS = 200


class Claim(Struct, frozen=True):
    """
    What a page says of the API, before it is known which provider's page it was.

    `valid_until_utc` is set where the page itself says for how long its words hold.
    """

    state: PageState
    component: str | None = None
    incidents: tuple[PageIncident, ...] = ()
    changed_at_utc: float | None = None
    note: str | None = None
    valid_until_utc: float | None = None


class UnreadableError(Exception):
    """The page is not of the shape that its kind should have; the message says what is wrong."""


class Reader(Struct, frozen=True):
    """
    One kind of page.

    Attributes:
        path: Where it answers, below the page's address.
        fits: Whether a decoded page is of this kind.
        parse: The page, and the names or ids of the components that speak for the API, to a claim.
            Raises UnreadableError.
    """

    path: str
    fits: Callable[[Any], bool]
    parse: Callable[[Any, Sequence[str]], Claim]


def loaded(body: bytes) -> Any:
    """The JSON of a page in any encoding. Raises UnreadableError where it is none, or nested too deep."""
    try:
        return json_value(body)
    except ValueError:
        raise UnreadableError("it is not JSON") from None


_WORST = (
    PageState.MAJOR_OUTAGE,
    PageState.PARTIAL_OUTAGE,
    PageState.DEGRADED,
    PageState.MAINTENANCE,
    PageState.UNKNOWN,
    PageState.OPERATIONAL,
)


def worst(states: Iterable[PageState]) -> PageState:
    """The worst of these; unknown where there are none."""
    found = set(states)
    return next((state for state in _WORST if state in found), PageState.UNKNOWN)


def moment(value: object) -> float | None:
    """Epoch seconds of a date in JSON or a feed; None for anything else."""
    if not isinstance(value, str):
        return None
    found = parse_rfc3339(value[:64])
    return parse_http_date(value[:64]) if found is None else found


def text(value: object, most: int = MOST_TITLE_CHARS) -> str:
    """A page's text on one line, bounded; "" for what is no text."""
    return " ".join(value[: 4 * most].split())[:most] if isinstance(value, str) else ""


def mappings(value: object, key: str | None = None) -> list[Mapping[str, Any]]:
    """The objects of a list (under `key` of an object); none where there is no such list."""
    found = value.get(key) if key is not None and isinstance(value, Mapping) else value
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def mapping(value: object, key: str) -> Mapping[str, Any]:
    """The object under `key`; an empty one where there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def has(value: object, *keys: str) -> bool:
    """Whether a decoded page is an object with all of these keys."""
    return isinstance(value, Mapping) and all(key in value for key in keys)


def is_wanted(component: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """By name or id; `* API` is any name that ends so."""
    name = component.get("name")
    if name in wanted or component.get("id") in wanted:
        return True
    patterns = (pattern for pattern in wanted if "*" in pattern)
    return isinstance(name, str) and any(fnmatchcase(name, pattern) for pattern in patterns)


def bounded(incidents: Iterable[PageIncident]) -> tuple[PageIncident, ...]:
    """No more of them than anyone wants to read."""

    def first() -> Iterator[PageIncident]:
        for number, incident in enumerate(incidents):
            if number == MOST_INCIDENTS:
                return
            yield incident

    return tuple(first())
