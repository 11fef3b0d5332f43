"""OTLP: the figures of each run to an OpenTelemetry collector, through the SDK of the extra `otel`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from threading import Thread

from msgspec import Struct

from llmprobe.alerts.http import host_of, key_of
from llmprobe.config.otlp import PROTOCOL, Otlp
from llmprobe.model import Run

_PATIENCE_S, _LEAST_S = 15.0, 2.0
"""How long an export may take, and how long it may although the run's deadline has come."""


class OtlpExport(Struct, frozen=True):
    """Pushes every run, within its deadline if it has one, though an export always gets two seconds."""

    to: Otlp
    deadline_s: float | None = None

    @property
    def key(self) -> str:
        return key_of("otlp", self.to.endpoint.reveal())

    @property
    def name(self) -> str:
        return f"the OTLP endpoint at {host_of(self.to.endpoint)}"

    async def hear(self, run: Run) -> str | None:
        if self.to.protocol != PROTOCOL:
            return f'gets nothing: the protocol "{self.to.protocol}" is not supported, only "{PROTOCOL}"'
        try:
            from llmprobe.alerts.otlp_pipeline import pipeline
        except ImportError:
            return "needs the extra otel: pip install 'llmprobe-cli[otel]'" if self.to.asked else None
        try:
            async with asyncio.timeout(self._patience_s(run)):
                error = await _in_thread(lambda: pipeline().export(run))
        except TimeoutError:
            error = "timeout"
        return None if error is None else f"was not reached: {error}"

    def _patience_s(self, run: Run) -> float:
        if self.deadline_s is None:
            return _PATIENCE_S
        left_s = self.deadline_s - (time.time() - run.started_at_utc)
        return min(_PATIENCE_S, max(_LEAST_S, left_s))


async def _in_thread(work: Callable[[], str | None]) -> str | None:
    """What the work says, or the type of what it raised. A thread that hangs holds no process up."""
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str | None] = loop.create_future()

    def tell(words: str | None) -> None:
        if not said.done():
            said.set_result(words)

    def run() -> None:
        try:
            words = work()
        except Exception as exc:  # a variable that the SDK cannot read, a certificate that is not there
            words = type(exc).__name__
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, words)

    Thread(target=run, name="otlp", daemon=True).start()
    return await said
