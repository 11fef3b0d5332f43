"""Probes under way that several may wait for: whoever comes while one flies, shares it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")


class Flight(Generic[T]):
    """One piece of work. It is told to stop once the last one who waits for it has no time left."""

    def __init__(self, work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> None:
        self._stop = asyncio.Event()
        self._waits_until: float | None = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.task = asyncio.ensure_future(work(self._stop))
        self.task.add_done_callback(lambda _: self._end_timer())

    async def wait(self, seconds: float | None) -> T | None:
        """What it gives; None where that takes longer than `seconds` (None: as long as it takes)."""
        self._extend(seconds)
        done, _ = await asyncio.wait([self.task], timeout=seconds)
        return self.task.result() if done else None

    def stop(self) -> None:
        self._stop.set()

    def _extend(self, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        if self._waits_until is None or self.task.done():
            return
        self._end_timer()
        self._waits_until = None if seconds is None else max(self._waits_until, loop.time() + seconds)
        if self._waits_until is not None:
            self._timer = loop.call_at(self._waits_until, self._stop.set)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Flights(Generic[K, T]):
    """Those that are under way, by their keys."""

    def __init__(self) -> None:
        self._flights: dict[K, Flight[T]] = {}

    def get(self, key: K) -> Flight[T] | None:
        return self._flights.get(key)

    def start(self, key: K, work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> Flight[T]:
        flight = self._flights[key] = Flight(work)
        flight.task.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight

    async def close(self) -> None:
        """Stop them all, and wait for their ends."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.stop()
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)
