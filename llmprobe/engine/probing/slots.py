"""How many probes are under way at once: as many as were asked for, or as this machine carries."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

from llmprobe.quantiles import quantile

FIRST, MOST = 32, 256
"""Where an adaptive limit starts, and how far it goes: beyond it no machine was any quicker (measured)."""
_WINDOW = 5
"""Measurements of the loop's lag, 5 ms apart, that are judged together: one stall says nothing."""


class Bearable(NamedTuple):
    """
    How late the loop may be, and how close together attempts may start.

    Attributes:
        on_time_s: Up to here there is room for more probes.
        late_s: From here on there are too many of them.
        least: So many are always let through: other programs may be what makes the loop late.
        spacing_s: Between two starts, at least: neighbours in a burst read each other's work as their own.
        patience_s: How long a start waits for an idle loop.
    """

    on_time_s: float
    late_s: float
    least: int
    spacing_s: float
    patience_s: float


KERNEL_CLOCK = Bearable(on_time_s=0.004, late_s=0.015, least=16, spacing_s=0.0005, patience_s=0.005)
"""The kernel stamps what arrives, so a loop that is late measures right; at 20 ms tokens share a stamp."""
LOOP_CLOCK = Bearable(on_time_s=0.0005, late_s=0.002, least=8, spacing_s=0.003, patience_s=0.05)
"""Without stamps the loop's lag is the error of the measurement."""


class Slots:
    """
    Places for probes, in order of arrival: `async with slots`.

    An adaptive limit grows while all places are taken and the loop is on time, and shrinks while it is late.

    Attributes:
        limit: How many may be under way now.
        peak: The most that were.
        adaptive: Whether the limit moves.
        bearable: What the clock in use bears: that of the newest result.
    """

    def __init__(self, most: int, *, adaptive: bool) -> None:
        self.limit = min(FIRST, most) if adaptive else most
        self.peak = 0
        self.adaptive = adaptive
        self.bearable = KERNEL_CLOCK
        self._most = most
        self._taken = 0
        self._lags: list[float] = []
        self._queue: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self._taken < self.limit and not self._queue:
            self._take()
        else:
            await self._turn()

    async def __aexit__(self, *exc: object) -> None:
        self._release()

    def heard(self, lag_s: float) -> None:
        """How late the loop was, once more."""
        if not self.adaptive:
            return
        self._lags.append(lag_s)
        if len(self._lags) == _WINDOW:
            self._adapt(quantile(self._lags, 0.5))
            self._lags.clear()

    def _adapt(self, lag_s: float) -> None:
        if lag_s > self.bearable.late_s:
            self.limit = max(min(self.bearable.least, self._most), self.limit * 3 // 4)
        elif lag_s < self.bearable.on_time_s and self._queue:
            self.limit = min(self._most, self.limit * 5 // 4 + 1)
            self._admit()

    def _take(self) -> None:
        self._taken += 1
        self.peak = max(self.peak, self._taken)

    def _release(self) -> None:
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._queue and self._taken < self.limit:
            waiting = self._queue.popleft()
            if not waiting.done():
                self._take()
                waiting.set_result(None)

    async def _turn(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():  # its place was given to it just before
                self._release()
            raise
