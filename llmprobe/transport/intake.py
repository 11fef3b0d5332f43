"""
What one exchange may take in, and for how long it may hold the event loop.

Every byte of an answer comes through here: the network stream asks before each read, the exchange
between the pieces of what was read. A server that sends faster than we parse, or more than any
answer needs, costs its own result and nobody else's time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum

from llmprobe.foreign import MOST_VALUES

SLICE_S = 0.003
"""An exchange that has worked for this long without waiting lets the others go first."""
_SHORTEST_S = SLICE_S / 2
_REST_FACTOR = 2.0
"""Busy exchanges rest twice as long as they worked, one after the other: half of the loop stays free."""
_LONGEST_REST_S = 0.05
_SMALLEST_READ = 2 << 10
_FIRST_READ = 8 << 10
_LARGEST_READ = 64 << 10


class Spent(StrEnum):
    """What is counted; the value is its unit in words."""

    HEAD = "bytes before the headers were complete"
    WIRE = "bytes on the wire"
    INTERIM = "interim answers (1xx)"
    CHUNKS = "chunks"
    BODY = "bytes of body"
    LIST = "bytes of list"
    STREAM = "bytes of stream"
    TRAILING = "bytes after the end of the compressed data"
    LINES = "lines"
    EVENTS = "events"
    VALUES = "JSON values"


BUDGETS: Mapping[Spent, int] = {
    Spent.HEAD: 100 << 10,
    Spent.WIRE: 24 << 20,
    Spent.INTERIM: 50,
    Spent.CHUNKS: 100_000,
    Spent.BODY: 512 << 10,
    Spent.LIST: 4 << 20,
    Spent.STREAM: 16 << 20,
    Spent.TRAILING: 64 << 10,
    Spent.LINES: 400_000,
    Spent.EVENTS: 100_000,
    Spent.VALUES: MOST_VALUES,
}
"""
Far beyond any answer to a probe: the longest list of models seen has 1 MB and 30,000 values, the longest
stream 20,000 events, the longest other answer 60 KB. A list is what a GET asks for.
"""


class TooLargeError(Exception):
    """More came than any answer needs."""


def over_budget(what: Spent, limit: int | None = None) -> TooLargeError:
    """The error that names the limit and its figure."""
    return TooLargeError(f"more than {limit or BUDGETS[what]:,} {what}")


class Intake:
    """
    Counts of one exchange, and its turns on the loop.

    `ask` is asked in every turn; it raises when a deadline has passed. Whoever waits for the network
    calls `resume` when the waiting is over. What counts is the processor's time since then: that
    another program took the core is no reason to rest, and a rest would join what came apart.
    Where the network is not ours and calls nothing, `follow` learns of waits from the loop.
    """

    def __init__(self, ask: Callable[[], None] | None = None) -> None:
        self.ask = ask
        self._loop: asyncio.AbstractEventLoop | None = None
        self._has_waited = False
        self.resume()
        self._read_size = _FIRST_READ
        self._counts = dict.fromkeys(Spent, 0)

    def resume(self) -> None:
        """The exchange has waited, and goes on."""
        self._resumed_at = time.perf_counter()
        self._resumed_cpu = time.thread_time()
        self._has_waited = False
        if self._loop is not None:
            self._loop.call_soon(self._note_wait)

    def follow(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on a turn of the loop says that the exchange has waited: others have worked since."""
        self._loop = loop
        self.resume()

    def _note_wait(self) -> None:
        self._has_waited = True

    def held_s(self) -> float:
        """For how long it has worked since; asked of the system only where it may have been long."""
        if time.perf_counter() - self._resumed_at < _SHORTEST_S:
            return 0.0
        return time.thread_time() - self._resumed_cpu

    def count(self, what: Spent, number: int = 1) -> None:
        """Raises TooLargeError when the budget is spent."""
        self._counts[what] += number
        if self._counts[what] > BUDGETS[what]:
            raise over_budget(what)

    def reach(self, what: Spent, total: int) -> None:
        """Like `count`, for whoever keeps the total."""
        self._counts[what] = total
        self.count(what, 0)

    def forget(self, what: Spent) -> None:
        """Count from nothing again: another head begins."""
        self._counts[what] = 0

    async def turn(self) -> None:
        """Ask for the deadline, and let others go first where this exchange has held the loop for long."""
        if self.ask is not None:
            self.ask()
        if self._has_waited:
            self.resume()
        held_s = self.held_s()
        if held_s > SLICE_S:
            await asyncio.sleep(_ROTA.rest_s(held_s))
            self.resume()

    def read_size(self, most: int) -> int:
        """
        How much to read at once: less where the last read took long to digest.

        httpcore parses what it gets in one go, an HTTP/2 frame of nine bytes takes 20 µs: 64 KiB of
        them would hold the loop for 150 ms.
        """
        if self.held_s() > _SHORTEST_S:
            self._read_size = max(_SMALLEST_READ, self._read_size // 2)
        return min(most, self._read_size)

    def arrived(self, size: int, *, in_head: bool) -> None:
        """Bytes of an answer were read. Raises TooLargeError when there were too many."""
        if in_head:
            self.count(Spent.HEAD, size)
        if size == self._read_size:
            self._read_size = min(_LARGEST_READ, self._read_size * 2)


class _Rota:
    """The order in which busy exchanges come back to the loop."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def rest_s(self, held_s: float) -> float:
        """How long an exchange rests that has held the loop so long."""
        now = time.perf_counter()
        self._next_at = max(now, self._next_at) + min(held_s, _LONGEST_REST_S) * _REST_FACTOR
        return min(self._next_at - now, _LONGEST_REST_S)


_ROTA = _Rota()
