"""Fetching a page and reading it by its kind; whatever goes wrong is a reading that says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urljoin

from msgspec import Struct

from llmprobe.model import Exchange, Mark, Request, Target, Timeouts
from llmprobe.model.page import PageReading, PageState
from llmprobe.providers import providers
from llmprobe.providers.catalog import StatusPage
from llmprobe.statuspages import feed, others, statuspage
from llmprobe.statuspages.interface import Claim, Parse, UnreadableError
from llmprobe.transport import exchange, open_channel

_PATIENCE = Timeouts(total_s=8.0, connect_s=5.0)
_MOST_REDIRECTS = 3
_FROZEN_INCIDENT_S = 3 * 86400.0
_FROZEN_CACHE_S = 3600.0

READERS: Mapping[str, tuple[str, Parse]] = {
    "statuspage": ("/api/v2/summary.json", statuspage.parse),
    "incident.io": ("/api/v2/summary.json", statuspage.parse),
    "instatus": ("/summary.json", others.instatus),
    "betterstack": ("/index.json", others.betterstack),
    "google": ("/incidents.json", others.google),
    "rss": ("", feed.parse),
}
"""Kind to the path below the page's address, and the reader."""


class PageSource(Struct, frozen=True):
    """A page to be read: whose it is, and where."""

    provider: str
    title: str
    page: StatusPage


async def read_pages(wanted: Sequence[PageSource], now: Callable[[], float] = time.time) -> list[PageReading]:
    """All of them at once, each once."""
    once = list(dict.fromkeys(wanted))
    return list(await asyncio.gather(*(read_page(w.provider, w.title, w.page, now) for w in once)))


def page_of(target: Target) -> PageSource | None:
    """The target's own `status_page`, else its provider's."""
    if target.status_page is not None:
        return PageSource(
            target.provider, target.display_provider, StatusPage(target.status_page, "statuspage")
        )
    provider = providers().get(target.provider)
    if provider is None or provider.status is None:
        return None
    return PageSource(provider.id, provider.title, provider.status)


async def read_page(
    provider: str, title: str, page: StatusPage, now: Callable[[], float] = time.time
) -> PageReading:
    """
    What a page says of the API.

    Returns:
        Always a reading; `state` is unknown and `problem` says why where nothing can be concluded.
    """
    reading = PageReading(provider, title, page.url, PageState.UNKNOWN, now())
    if page.kind not in READERS:
        return _unknown(reading, "it has no form that a program can read; look at it yourself")
    path, parse = READERS[page.kind]
    seen = await _fetch((page.feed or page.url).rstrip("/") + ("" if page.feed else path))
    if seen.failure is not None:
        return _unknown(reading, f"it could not be reached ({seen.failure.kind})")
    if seen.status != 200:
        return _unknown(reading, f"it answered HTTP {seen.status}")
    try:
        claim = parse(seen.body, page.components)
    except UnreadableError as exc:
        return _unknown(reading, str(exc))
    if page.kind == "rss":
        claim = feed.still_open(claim, reading.read_at_utc)
    return _judged(reading, claim, seen)


async def _fetch(url: str) -> Exchange:
    """The page, over a few redirects (vendors rename their pages)."""
    for _ in range(_MOST_REDIRECTS + 1):
        channel = open_channel(url)
        request = Request("GET", url, {"user-agent": "llmprobe", "accept": "*/*"})
        try:
            seen = await exchange(channel, request, _PATIENCE, lambda _: Mark.OTHER)
        finally:
            await channel.aclose()
        where = seen.header("location")
        if seen.status not in (301, 302, 303, 307, 308) or where is None:
            return seen
        url = urljoin(url, where)
    return seen


def _judged(reading: PageReading, claim: Claim, seen: Exchange) -> PageReading:
    """The claim, unless the page has stopped moving: then it says nothing of today."""
    frozen = _frozen(claim, seen, reading.read_at_utc)
    return PageReading(
        provider=reading.provider,
        title=reading.title,
        url=reading.url,
        state=PageState.UNKNOWN if frozen else claim.state,
        read_at_utc=reading.read_at_utc,
        component=claim.component,
        incidents=claim.incidents,
        changed_at_utc=claim.changed_at_utc,
        problem=frozen,
        note=claim.note,
    )


def _frozen(claim: Claim, seen: Exchange, now: float) -> str | None:
    """A quiet page is fine; an open incident that nobody touches, or an old copy, is not."""
    age = seen.header("age")
    if age is not None and age.isdigit() and int(age) > _FROZEN_CACHE_S:
        return f"it is frozen: this copy is {int(age) // 60} min old"
    touched = [i.updated_at_utc for i in claim.incidents if i.updated_at_utc is not None]
    if touched and now - max(touched) > _FROZEN_INCIDENT_S:
        days = (now - max(touched)) / 86400
        return f"it seems frozen: its open incident was last touched {days:.0f} days ago"
    return None


def _unknown(reading: PageReading, problem: str) -> PageReading:
    return PageReading(
        reading.provider, reading.title, reading.url, PageState.UNKNOWN, reading.read_at_utc, problem=problem
    )
