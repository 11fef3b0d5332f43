"""
RSS and Atom feeds (AWS, Azure, xAI): an item that is not said to be over is open.

A feed tells of incidents only: an empty one means "nothing is reported", which is read as operational.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, UnreadableError, bounded, moment, text, worst

_OVER = re.compile(r"\b(resolved|operating normally|completed|closed|mitigated|recovered)\b", re.I)
_SEVERITIES = {
    "service disruption:": PageState.PARTIAL_OUTAGE,
    "service impact:": PageState.DEGRADED,
    "informational message:": PageState.OPERATIONAL,
}
"""The first words of a title, in the feeds of AWS."""
_ATOM = "{http://www.w3.org/2005/Atom}"
_LATELY_S = 2 * 86400.0


def parse(body: bytes, wanted: Sequence[str]) -> Claim:
    """The items that name one of `wanted` (any, where it is empty). Raises UnreadableError."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        raise UnreadableError("it is no feed")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError:
        raise UnreadableError("it is not XML") from None
    if root.tag not in ("rss", f"{_ATOM}feed"):
        raise UnreadableError("it is XML, and no feed")
    items = list(_items(root))
    newest = max((i.updated_at_utc for i, _ in items if i.updated_at_utc is not None), default=None)
    mine = [i for i, words in items if not _OVER.search(words) and _is_about(words, wanted)]
    note = None if mine else "a feed tells of incidents only"
    return Claim(_state(mine), None, bounded(mine), newest, note)


def still_open(claim: Claim, now_utc: float) -> Claim:
    """Without what nobody has touched for two days: feeds keep old items."""
    if not claim.incidents:
        return claim
    fresh = tuple(
        i for i in claim.incidents if i.updated_at_utc is None or now_utc - i.updated_at_utc < _LATELY_S
    )
    return Claim(_state(fresh), claim.component, fresh, claim.changed_at_utc, claim.note)


def _state(mine: Sequence[PageIncident]) -> PageState:
    """The worst that a title tells of; trouble of unknown size is degraded."""
    return worst(_severity(i.title) for i in mine) if mine else PageState.OPERATIONAL


def _severity(title: str) -> PageState:
    found = (state for words, state in _SEVERITIES.items() if title.lower().startswith(words))
    return next(found, PageState.DEGRADED)


def _items(root: ElementTree.Element) -> Iterator[tuple[PageIncident, str]]:
    """Each item, and the words in which it names its subject and its state."""
    for item in [*root.iter("item"), *root.iter(f"{_ATOM}entry")]:
        title = _text(item, "title")
        body = " ".join(_text(item, name) for name in ("guid", "description", "summary", "content"))
        categories = " ".join("".join(found.itertext()) for found in item.findall("category"))
        at = moment(_text(item, "pubDate") or _text(item, "updated") or _text(item, "published"))
        link = text(_text(item, "link")) or None
        yield PageIncident(text(title), "", None, at, at, link), f"{title} {body} {categories}"


def _text(item: ElementTree.Element, name: str) -> str:
    found = item.find(name)
    found = item.find(f"{_ATOM}{name}") if found is None else found
    return "".join(found.itertext()).strip() if found is not None else ""


def _is_about(words: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(name.lower() in words.lower() for name in wanted)
