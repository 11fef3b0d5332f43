"""Fetching a page and reading it by its kind; whatever goes wrong is a reading that says so."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.dates import format_utc
from llmprobe.foreign import cleaned
from llmprobe.model import Exchange, Mark, Request, Target, Timeouts
from llmprobe.model.page import PageReading, PageState
from llmprobe.providers import providers
from llmprobe.providers.catalog import StatusPage
from llmprobe.redact import without_credentials
from llmprobe.statuspages import aws, feed
from llmprobe.statuspages.interface import Claim, UnreadableError
from llmprobe.statuspages.kinds import paths, understood
from llmprobe.transport import exchange, open_channel

_PATIENCE = Timeouts(total_s=8.0, connect_s=5.0)
_MOST_REDIRECTS = 3
_FROZEN_INCIDENT_S = 3 * 86400.0
_FROZEN_CACHE_S = 3600.0
_GRACE_S = 600.0
_ALL_TRIES_S = 12.0
_OF_THE_API = ("API", "* API", "API *", "* API *", "Inference", "Gateway")
_DOCUMENTS = (".json", ".xml", ".rss", ".atom")
_AWS_REGION = r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com"


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
    """The target's own `status_page`, else its provider's, in the target's region."""
    if target.status_page is not None:
        return PageSource(target.provider, target.display_provider, _own_page(target, target.status_page))
    provider = providers().get(target.provider)
    if provider is None or provider.status is None:
        return None
    return PageSource(provider.id, provider.title, _in_region(provider.status, target.base_url))


def speaks_for(target: Target) -> bool:
    """Whether a page can be about the target's server: its own, or its vendor's at their address."""
    provider = providers().get(target.provider)
    if target.status_page is not None or provider is None:
        return target.status_page is not None
    return _domain(provider.base_url) == _domain(target.base_url)


def _domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").rsplit(".", 2)[-2:])


def _own_page(target: Target, url: str) -> StatusPage:
    """
    The page of whoever runs an endpoint: the vendor's own components count there, too, and else those
    that are called after the API.
    """
    provider = providers().get(target.provider)
    named = provider.status.components if provider is not None and provider.status else ()
    return StatusPage(url, "statuspage", (*named, *_OF_THE_API), own=True)


async def read_page(
    provider: str, title: str, page: StatusPage, now: Callable[[], float] = time.time
) -> PageReading:
    """
    What a page says of the API, whoever makes the page today.

    Returns:
        Always a reading; `state` is unknown and `problem` says why where nothing can be concluded.
    """
    reading = PageReading(provider, title, without_credentials(page.url), PageState.UNKNOWN, now())
    return cleaned(await _read(reading, page))


async def _read(reading: PageReading, page: StatusPage) -> PageReading:
    if page.kind == "html":
        return _unknown(reading, "it has no form that a program can read; look at it yourself")
    problems, reached, ends = [], False, time.monotonic() + _ALL_TRIES_S
    for url in _addresses(page):
        seen = await _fetch(url)
        reached = reached or seen.failure is None
        try:
            return replace(_judged(reading, _claim(seen, page), seen), reached=True)
        except UnreadableError as exc:
            problems.append(str(exc))
        if seen.failure is not None or time.monotonic() > ends:
            break
    return replace(_unknown(reading, problems[0]), reached=reached)


def _in_region(page: StatusPage, base_url: str) -> StatusPage:
    """With the region of an AWS address in the names of its components."""
    found = re.search(_AWS_REGION, base_url)
    if found is None:
        return page
    return replace(page, components=tuple(c.replace(aws.REGION, found[1]) for c in page.components))


def _addresses(page: StatusPage) -> list[str]:
    """The feed, or the document where the address is one; else where pages of its kind and others answer."""
    if page.feed is not None:
        return [page.feed]
    if page.url.endswith(_DOCUMENTS):
        return [page.url]
    return [page.url.rstrip("/") + path for path in paths(page.kind)]


def _claim(seen: Exchange, page: StatusPage) -> Claim:
    """Raises UnreadableError, also where no page came."""
    if seen.failure is not None:
        raise UnreadableError(f"it could not be reached ({seen.failure.kind})")
    if seen.status != 200:
        raise UnreadableError(f"it answered HTTP {seen.status}")
    claim = understood(seen.body, page.components, page.kind)
    if page.own and claim.component is None:
        return understood(seen.body, (), page.kind)
    return claim


async def _fetch(url: str) -> Exchange:
    """The page, over a few redirects (vendors rename their pages)."""
    for _ in range(_MOST_REDIRECTS + 1):
        channel = open_channel(url)
        request = Request("GET", url, {"accept": "*/*"})
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
    if seen.body.lstrip()[:1] == b"<":
        claim = feed.still_open(claim, reading.read_at_utc)
    frozen = _frozen(claim, seen, reading.read_at_utc)
    return replace(
        reading,
        state=PageState.UNKNOWN if frozen else claim.state,
        component=claim.component,
        incidents=claim.incidents,
        changed_at_utc=claim.changed_at_utc,
        problem=frozen,
        note=claim.note,
    )


def _frozen(claim: Claim, seen: Exchange, now: float) -> str | None:
    """A quiet page is fine; an open incident that nobody touches, or an old copy, is not."""
    age = seen.header("age")
    if age is not None and re.fullmatch(r"\d{1,12}", age) and int(age) > _FROZEN_CACHE_S:
        return f"it is frozen: this copy is {int(age) // 60} min old"
    if claim.valid_until_utc is not None and now > claim.valid_until_utc + _GRACE_S:
        return f"it is frozen: by its own words it held until {format_utc(claim.valid_until_utc)}"
    touched = [i.updated_at_utc for i in claim.incidents if i.updated_at_utc is not None]
    if touched and now - max(touched) > _FROZEN_INCIDENT_S:
        days = (now - max(touched)) / 86400
        return f"it seems frozen: its open incident was last touched {days:.0f} days ago"
    return None


def _unknown(reading: PageReading, problem: str) -> PageReading:
    return replace(reading, problem=problem)
