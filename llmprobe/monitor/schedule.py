"""
When each item is probed: a schedule without drift and without overlap, on a clock that is handed in.

The schedule does no input or output and knows no event loop. A driver asks and tells:

    schedule = Schedule({"claude": 60, "gpt": 45}, Rhythm(every_s=30.0), time.monotonic)
    while not stopped:
        for name in schedule.due():             # to be probed now; each is busy until `done`
            start_probing(name)                 # ends with schedule.done(name, Done(failed=…, tokens=…))
        await something_done_or(schedule.wait_s())

An item is what is probed together: a target, or all members of a group. Everything about it follows from
its name and the clock, so that two processes with the same names keep the same distances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import blake2b

from msgspec import Struct

from llmprobe.monitor.hourly import WINDOW_S, HourlyTokens

SHORTEST_BURST_S = 5.0
BURST = 3
"""Probes that follow a first failure in quick succession, unless more are needed to confirm it."""


class Rhythm(Struct, frozen=True):
    """
    How often to probe.

    Attributes:
        every_s: Seconds from one probe of an item to its next.
        burst: Probes in quick succession after an item begins to fail; 0 for none.
        burst_every_s: Seconds between those; None: a quarter of `every_s`, at least 5 s.
        tokens_per_hour: What all probes together may cost in any hour. Where `every_s` would cost more, it
            is multiplied by a whole number, so that the budget is spread over the hour and over the items.
    """

    every_s: float
    burst: int = BURST
    burst_every_s: float | None = None
    tokens_per_hour: int | None = None

    @property
    def quick_s(self) -> float:
        """Seconds between the probes of a burst; never longer than `every_s`."""
        wanted = max(SHORTEST_BURST_S, self.every_s / 4) if self.burst_every_s is None else self.burst_every_s
        return min(self.every_s, wanted)


class Done(Struct, frozen=True):
    """
    What came of a probe of an item.

    Attributes:
        failed: Whether it is to be looked at more often for a while.
        tokens: What it used.
        pause_s: Seconds in which it must not be probed: `Retry-After`, or a pause of ours.
    """

    failed: bool = False
    tokens: int = 0
    pause_s: float = 0.0


class _Item(Struct):
    """`began_at` is None until its first probe; before `not_before` it must not be probed, come what may."""

    phase: float
    cost: int
    next_at: float
    began_at: float | None = None
    not_before: float = 0.0
    failed: bool = False
    burst_left: int = 0
    held: bool = False


class Schedule:
    """
    Who is probed when.

    Instants are `started + phase × every_s + k × every_s`: a late or a long probe delays none after it.
    An item has one probe at a time; instants that pass meanwhile are left out. The phase of an item
    follows from its name and spreads the items over the interval. Only the first probes come at once; the
    second ones follow after half an interval at the earliest, in their phase.

    Args:
        costs: The items, and the most tokens that a probe of each may cost.
        clock: Monotonic seconds.
    """

    def __init__(self, costs: Mapping[str, int], rhythm: Rhythm, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = clock()
        self._items: dict[str, _Item] = {}
        self._busy: dict[str, int] = {}
        self._cost = 0
        self.tokens = HourlyTokens(rhythm.tokens_per_hour, clock)
        self.change(costs, rhythm)

    def change(self, costs: Mapping[str, int], rhythm: Rhythm) -> None:
        """
        Other items or another rhythm from now on. Items that remain keep what is known of them; new ones
        are due at once.
        """
        self._rhythm = rhythm
        self.tokens.limit = rhythm.tokens_per_hour
        now, known = self._clock(), self._items
        self._items = {name: known.get(name) or _Item(phase_of(name), costs[name], now) for name in costs}
        self._cost = sum(item.cost for item in self._items.values())
        for item in self._items.values():
            if item.began_at is not None and not item.burst_left:
                item.next_at = self._regular(item, now)

    @property
    def every_s(self) -> float:
        """Seconds between two probes of an item: as asked for, or a multiple of it that the budget allows."""
        limit, every_s = self._rhythm.tokens_per_hour, self._rhythm.every_s
        if not limit:
            return every_s
        return every_s * max(1, math.ceil(self._cost * WINDOW_S / every_s / limit))

    def due(self, may: Callable[[str], bool] = lambda _: True) -> list[str]:
        """
        The items to be probed now, the longest due first: each is busy until `done` is called for it.

        One that the hourly budget has no tokens for waits for its next instant.

        Args:
            may: Whether there is room for one more probe, asked for each item; one that is refused
                remains due.
        """
        now = self._clock()
        waiting = sorted((item.next_at, name) for name, item in self._waiting())
        return [name for at, name in waiting if at <= now and may(name) and self._begin(name, now)]

    def done(self, name: str, done: Done) -> None:
        """The probe of an item has ended: when is the next one?"""
        self.tokens.settle(self._busy.pop(name), done.tokens)
        item = self._items.get(name)
        if item is None:
            return
        before, item.cost = item.cost, max(done.tokens, (item.cost + done.tokens) // 2)
        self._cost += item.cost - before
        if done.failed and not item.failed:
            item.burst_left = self._rhythm.burst
        elif not done.failed:
            item.burst_left = 0
        item.failed = done.failed
        now = self._clock()
        item.not_before = now + max(0.0, done.pause_s)
        item.next_at = self._next(item, now)

    def wait_s(self, besides: Collection[str] = ()) -> float | None:
        """
        Seconds until an item is due, 0 where one is; None while all are busy, or there are none.

        Args:
            besides: Items that do not count, such as those for which there was no room.
        """
        soonest = min((item.next_at for name, item in self._waiting() if name not in besides), default=None)
        return None if soonest is None else max(0.0, soonest - self._clock())

    def next_in_s(self, name: str) -> float | None:
        """Seconds until an item is due; None while it is probed."""
        return None if name in self._busy else max(0.0, self._items[name].next_at - self._clock())

    def is_held(self, name: str) -> bool:
        """Whether the hourly budget had no tokens for an item when it was last due."""
        return self._items[name].held

    def _waiting(self) -> Iterator[tuple[str, _Item]]:
        return ((name, item) for name, item in self._items.items() if name not in self._busy)

    def _begin(self, name: str, now: float) -> bool:
        item = self._items[name]
        item.held = not self.tokens.reserve(item.cost)
        if item.held:
            item.next_at = self._slot(item, now + self.every_s / 2)
            return False
        self._busy[name], item.began_at = item.cost, now
        return True

    def _next(self, item: _Item, now: float) -> float:
        regular = self._regular(item, now)
        if not item.burst_left:
            return regular
        item.burst_left -= 1
        return min(regular, max(item.not_before, (item.began_at or now) + self._rhythm.quick_s))

    def _regular(self, item: _Item, now: float) -> float:
        return self._slot(item, max(now, item.not_before, (item.began_at or now) + self.every_s / 2))

    def _slot(self, item: _Item, not_before: float) -> float:
        """The first instant of an item's own that does not come before this one."""
        every_s = self.every_s
        first = self._started + item.phase * every_s
        return first + max(0, math.ceil((not_before - first) / every_s)) * every_s


def phase_of(name: str) -> float:
    """Where in the interval an item's instants are, 0 to 1: the same for the same name, everywhere."""
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()) / 2**64
