"""
RSS and Atom feeds (AWS, Azure, xAI, OpenRouter): an item that is not said to be over is open.

A feed tells of incidents only: an empty one means "nothing is reported", which is read as operational.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from llmprobe.model.page import PageIncident, PageState
from llmprobe.statuspages.interface import Claim, UnreadableError, moment

_OVER = re.compile(r"\b(resolved|operating normally|completed|closed|mitigated|recovered)\b", re.I)
_ATOM = "{http://www.w3.org/2005/Atom}"
_LATELY_S = 2 * 86400.0


def parse(body: bytes, wanted: Sequence[str]) -> Claim:
    """Of the items of the last two days those that name one of `wanted` (any, where it is empty)."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise UnreadableError("it is no feed")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError:
        raise UnreadableError("it is not XML") from None
    if root.tag not in ("rss", f"{_ATOM}feed"):
        raise UnreadableError("it is XML, and no feed")
    items = list(_items(root))
    newest = max((i.updated_at_utc for i, _ in items if i.updated_at_utc is not None), default=None)
    mine = [i for i, text in items if not _OVER.search(text) and _is_about(text, wanted)]
    state = PageState.DEGRADED if mine else PageState.OPERATIONAL
    return Claim(
        state, None, tuple(mine), newest, note="a feed tells of incidents only" if not mine else None
    )


def still_open(claim: Claim, now_utc: float) -> Claim:
    """Without what nobody has touched for two days: feeds keep old items."""
    fresh = tuple(
        i for i in claim.incidents if i.updated_at_utc is None or now_utc - i.updated_at_utc < _LATELY_S
    )
    state = claim.state if fresh else PageState.OPERATIONAL
    return Claim(state, claim.component, fresh, claim.changed_at_utc, claim.note)


def _items(root: ElementTree.Element) -> Iterator[tuple[PageIncident, str]]:
    for item in [*root.iter("item"), *root.iter(f"{_ATOM}entry")]:
        title = _text(item, "title")
        body = " ".join(_text(item, name) for name in ("description", "summary", "content"))
        at = moment(_text(item, "pubDate") or _text(item, "updated") or _text(item, "published"))
        yield (
            PageIncident(title, began_at_utc=at, updated_at_utc=at, url=_text(item, "link") or None),
            f"{title} {body}",
        )


def _text(item: ElementTree.Element, name: str) -> str:
    found = item.find(name)
    found = item.find(f"{_ATOM}{name}") if found is None else found
    return "".join(found.itertext()).strip() if found is not None else ""


def _is_about(text: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(name.lower() in text.lower() for name in wanted)
