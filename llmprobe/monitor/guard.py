"""
The cost guard: what stands before every probe of a process that is asked for them.

A probe costs money. So a target is asked no more often than `min_interval`, all targets together no
more than so many tokens an hour, and a target that asked for a pause not at all until it is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct

from llmprobe.config.serve import GuardSettings
from llmprobe.history.pauses import lasts_s
from llmprobe.model import Pause, ProbeKind, Result, Status
from llmprobe.model.served import Hit
from llmprobe.monitor.hourly import HourlyTokens

Key = tuple[str, ProbeKind]
"""A target's name, and the kind of probe."""


class Guard:
    """
    Decides whether a probe may begin. It knows no clock but the one that it is given.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, settings: GuardSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.hits: dict[Hit, int] = dict.fromkeys(Hit, 0)
        self.tokens = HourlyTokens(settings.tokens_per_hour, clock)
        self._min_interval_s = settings.min_interval_s
        self._clock = clock
        self._known: dict[Key, _Known] = {}

    def change(self, settings: GuardSettings) -> None:
        """Other limits from now on; what is known of costs and pauses stays."""
        self.tokens.limit = settings.tokens_per_hour
        self._min_interval_s = settings.min_interval_s

    def admit(self, key: Key, estimate: int, *, on_schedule: bool = False) -> Hit | None:
        """
        Begin a probe, which ends with `end`; or say why it must not begin now.

        Args:
            estimate: Tokens that it may cost: they are held back until it has ended.
            on_schedule: Its own schedule says when it is due, so that `min_interval` does not.
        """
        hit = self._refuses(key, estimate, on_schedule)
        if hit is None:
            known = self._known.setdefault(key, _Known())
            known.begun_at, known.reserved = self._clock(), estimate
        return hit

    def end(self, key: Key, result: Result) -> None:
        """A probe has ended: what it cost, and whether its target asked for a pause."""
        known = self._known[key]
        reserved, known.reserved = known.reserved or 0, None
        self.tokens.settle(reserved, cost_of(result, reserved))
        if result.status is not Status.SKIPPED:
            known.paused_until = self._clock() + (lasts_s(result) or 0.0)

    def count(self, hit: Hit) -> None:
        """A request that cost no new probe."""
        self.hits[hit] += 1

    def remember(self, key: Key, pause: Pause) -> None:
        """A pause that is known from before."""
        self._known.setdefault(key, _Known()).paused_until = self._clock() + pause.left_s

    def paused_s(self, key: Key) -> float:
        """What is left of a target's pause, in seconds; 0 where there is none."""
        known = self._known.get(key)
        return 0.0 if known is None else max(0.0, known.paused_until - self._clock())

    @property
    def running(self) -> int:
        """Probes that have begun and not ended."""
        return sum(known.reserved is not None for known in self._known.values())

    def _refuses(self, key: Key, estimate: int, on_schedule: bool) -> Hit | None:
        if self.paused_s(key) > 0:
            return Hit.PAUSE
        known = self._known.get(key)
        begun_at = None if known is None or on_schedule else known.begun_at
        if begun_at is not None and self._clock() - begun_at < self._min_interval_s:
            return Hit.INTERVAL
        return None if self.tokens.reserve(estimate) else Hit.BUDGET


class _Known(Struct):
    """Of one probe of one target; `reserved` is None unless it is under way."""

    begun_at: float | None = None
    paused_until: float = 0.0
    reserved: int | None = None


def cost_of(result: Result, estimate: int) -> int:
    """
    Tokens that a probe cost, all its attempts included, as the server counted them.

    A refusal costs nothing; what was answered without a count is taken to have cost what it may cost.
    """
    counted = 0 if result.spent is None else result.spent.input + result.spent.output
    return max(counted, _last_cost(result, estimate))


def _last_cost(result: Result, estimate: int) -> int:
    if result.http.status is None or result.http.status >= 400:
        return 0
    tokens = result.tokens
    if tokens.counted_by == "server" and tokens.output is not None:
        return (tokens.input or 0) + tokens.output
    return estimate
