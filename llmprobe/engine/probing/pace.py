"""Pacing: limits outside httpx, a start only when the loop is idle, and the loop's own lag."""

from __future__ import annotations

import asyncio
import bisect
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from llmprobe.engine.probing.slots import Slots

_QUICK_TURN_S = 100e-6
_LAG_EVERY_S = 0.005
_MIN_LAG_SAMPLES = 100
_MOST_LAGS = 200_000
"""A quarter of an hour: what is older says nothing of a probe that is under way."""

Gate = AbstractAsyncContextManager[None]
_OPEN: Gate = nullcontext()


class Pace:
    """
    Limits for all, for each host and for each key in order of arrival; the idle gate; the rate.

    Args:
        slots: The places for all.
        rate_per_s: At most so many attempts begin in a second; None for no such limit.
        lag: The run's lag meter.
    """

    def __init__(
        self,
        slots: Slots,
        per_host: int,
        *,
        per_key: int | None = None,
        rate_per_s: float | None = None,
        lag: LagMeter,
    ) -> None:
        self._slots = slots
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._keys: dict[int, Gate] = defaultdict(lambda: asyncio.Semaphore(per_key) if per_key else _OPEN)
        self._starting = asyncio.Lock()
        self._interval_s = 1 / rate_per_s if rate_per_s else 0.0
        self._next_start = 0.0
        self._lag = lag

    def gates(self, host: str, key: int) -> tuple[Gate, Gate, Gate]:
        """
        What a probe passes before it starts, and holds until it ends, in this order: its key's and its
        host's own queue first, so that a slow host holds no slot that others could use.
        """
        return self._keys[key], self._hosts[host], self._slots

    def lag_since(self, started: float) -> float:
        """The worst lag of the loop since an instant, in seconds."""
        return self._lag.since(started)

    async def idle(self) -> None:
        """
        Return after a quick turn of the event loop, one caller at a time.

        A burst of starts delays the clocks of those under way by tens of
        milliseconds; starting only when the loop is idle costs no wall time.
        """
        async with self._starting:
            await self._wait_for_turn()
            give_up_at = time.perf_counter() + self._slots.bearable.patience_s
            while True:
                started = time.perf_counter()
                await asyncio.sleep(0)
                now = time.perf_counter()
                if now - started < _QUICK_TURN_S or now > give_up_at:
                    return

    async def _wait_for_turn(self) -> None:
        """Keep to the rate: one start each so many seconds."""
        now = time.perf_counter()
        if self._next_start > now:
            await asyncio.sleep(self._next_start - now)
        spacing_s = max(self._interval_s, self._slots.bearable.spacing_s)
        self._next_start = max(now, self._next_start) + spacing_s


class LagMeter:
    """How late the loop wakes us: our own distortion, measured while probes run, and told to `listener`."""

    def __init__(self, listener: Callable[[float], None] | None = None) -> None:
        self._listener = listener
        self._lags: list[float] = []
        self._at: list[float] = []
        self._timer: asyncio.TimerHandle | None = None
        self._used = 0

    def __enter__(self) -> LagMeter:
        self._used += 1
        if self._used == 1:
            self._wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._used -= 1
        if not self._used and self._timer is not None:
            self._timer.cancel()

    def since(self, started: float) -> float:
        """The worst lag that was seen after an instant; 0 where none was measured."""
        first = bisect.bisect_left(self._at, started)
        return max(self._lags[first:], default=0.0)

    @property
    def max_s(self) -> float | None:
        return max(self._lags, default=None)

    @property
    def p99_s(self) -> float | None:
        """None below a hundred samples, which cannot carry a p99."""
        if len(self._lags) < _MIN_LAG_SAMPLES:
            return None
        ordered = sorted(self._lags)
        return ordered[int(0.99 * (len(ordered) - 1))]

    def _wait(self) -> None:
        due = time.perf_counter() + _LAG_EVERY_S
        self._timer = asyncio.get_running_loop().call_later(_LAG_EVERY_S, self._note, due)

    def _note(self, due: float) -> None:
        now = time.perf_counter()
        if len(self._at) >= _MOST_LAGS:
            del self._at[: _MOST_LAGS // 2], self._lags[: _MOST_LAGS // 2]
        self._at.append(now)
        self._lags.append(max(0.0, now - due))
        if self._listener is not None:
            self._listener(self._lags[-1])
        self._wait()
