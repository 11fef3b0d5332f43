"""
Gatus: each target is an external endpoint, and gets the result of every run.

Source: Gatus' documentation of external endpoints, read 2026-11-24.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from msgspec import Struct

from llmprobe.alerts.http import host_of, key_of, send
from llmprobe.model import Result, Run, Secret, Status
from llmprobe.redact import SCRUB

_NOT_IN_A_KEY = r"[ /_,.#+&]"
_MOST_CHARS = 300
_AT_ONCE = 8


class GatusEndpoints(Struct, frozen=True):
    """Each target becomes `GROUP_TARGET`. What was skipped is not reported: nothing is known of it."""

    url: Secret
    token: Secret
    group: str

    @property
    def key(self) -> str:
        return key_of("gatus", self.url.reveal())

    @property
    def name(self) -> str:
        return f"the Gatus at {host_of(self.url)}"

    async def hear(self, run: Run) -> str | None:
        gate = asyncio.Semaphore(_AT_ONCE)
        errors = await asyncio.gather(*(self._push(result, gate) for result in _worst_of_each(run)))
        failed = [error for error in errors if error is not None]
        return f"did not take {len(failed)} of {len(errors)} results: {failed[0]}" if failed else None

    async def _push(self, result: Result, gate: asyncio.Semaphore) -> str | None:
        works = result.status is not Status.FAILED
        facts = {
            "success": str(works).lower(),
            "error": "" if works else SCRUB(f"{result.category}: {result.reason}")[:_MOST_CHARS],
            "duration": f"{(result.timings.total_s or 0.0) * 1000:.0f}ms",
        }
        place = f"{_safe(self.group)}_{_safe(result.target)}"
        url = f"{self.url.reveal().rstrip('/')}/api/v1/endpoints/{place}/external?{urlencode(facts)}"
        async with gate:
            return await send("POST", url, headers={"authorization": f"Bearer {self.token.reveal()}"})


def _worst_of_each(run: Run) -> Iterator[Result]:
    order = (Status.FAILED, Status.DEGRADED, Status.HEALTHY)
    for target in dict.fromkeys(r.target for r in run.results):
        known = [r for r in run.results if r.target == target and r.status in order]
        if known:
            yield min(known, key=lambda r: order.index(r.status))


def _safe(name: str) -> str:
    return re.sub(_NOT_IN_A_KEY, "-", name)
