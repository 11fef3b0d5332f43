"""`/events`: what changes on the page, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from llmprobe.monitor.board import News, Part
from llmprobe.monitor.guard import Key
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB
from llmprobe.serving import page
from llmprobe.serving.gate import HEADERS, plain
from llmprobe.serving.rows import said

if TYPE_CHECKING:
    from starlette.requests import Request

MOST_LISTENERS = 64
_TOGETHER_S = 0.25
"""What changes within this time is told at once."""
_ALIVE_S = 15.0
_RETRY = "retry: 2000\n\n"


class Events:
    """Pages that listen to one prober."""

    def __init__(self) -> None:
        self._listening = 0

    async def __call__(self, prober: Prober, _: Request) -> Response:
        if self._listening >= MOST_LISTENERS:
            return plain("too many pages are listening", 503)
        headers = {**HEADERS, "cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(prober), media_type="text/event-stream", headers=headers)

    async def _stream(self, prober: Prober) -> AsyncIterator[str]:
        self._listening += 1
        try:
            with prober.board.listening() as queue:
                yield SCRUB(_RETRY + await _everything(prober))
                while not prober.is_closing:
                    yield SCRUB(await _told(prober, await _changed(queue)))
        finally:
            self._listening -= 1


async def _changed(queue: asyncio.Queue[News]) -> list[News]:
    """What has changed, without repeats; nothing where that lasts for a while."""
    try:
        async with asyncio.timeout(_ALIVE_S):
            found = [await queue.get()]
    except TimeoutError:
        return []
    await asyncio.sleep(_TOGETHER_S)
    while not queue.empty():
        found.append(queue.get_nowait())
    return list(dict.fromkeys(found))


async def _told(prober: Prober, changed: Sequence[News]) -> str:
    if not changed:
        return ": still here\n\n"
    keys = [news for news in changed if not isinstance(news, Part)]
    if Part.ALL in changed:
        return await _everything(prober) + _news(prober, keys)
    rows = "".join(_event("part", page.row_of(prober, key)) for key in keys)
    incidents = _event("part", page.incidents(prober)) if Part.INCIDENTS in changed else ""
    return f"{rows}{_frame(prober)}{incidents}{_news(prober, keys)}"


async def _everything(prober: Prober) -> str:
    rows = _event("part", await page.rows_of(prober))
    return f"{rows}{_event('part', page.incidents(prober))}{_frame(prober)}"


def _frame(prober: Prober) -> str:
    head = _event("part", page.head(prober) + page.groups(prober))
    return f"{head}{_event('title', page.title(prober))}"


def _news(prober: Prober, keys: Sequence[Key]) -> str:
    """In words, what has begun to fail or to work: this is read aloud, so no more than that."""
    told = []
    for key in keys:
        standing = prober.board[key]
        if standing.result is not None and standing.since_utc == standing.at_utc:
            told.append(f"{key[0]}: {said(standing.result)}")
    return _event("news", "; ".join(told)) if told else ""


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
