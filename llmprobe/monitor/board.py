"""What is known now by a process that goes on probing: the last result of each probe, and those before."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

from msgspec import Struct

from llmprobe.model import Category, Result, Status
from llmprobe.model.past import Incident, PastResult
from llmprobe.model.sums import Sums
from llmprobe.monitor.guard import Key

CELLS = 60
"""Checks that a row remembers."""
_HEARD = 1000
"""News that a listener may be behind; who is further behind is told to look at everything again."""
_WORKS = (Status.HEALTHY, Status.DEGRADED)


class Cell(Struct, frozen=True):
    """One check of a row: when it ended (epoch seconds), what came of it, and how long it took."""

    at_utc: float
    status: Status
    category: Category
    seconds: float | None


class Standing:
    """
    How one probe of one target stands.

    Attributes:
        result: The last one; None before the first.
        verdict: The last one that says something of the target: what was skipped does not.
        at_utc: When that ended, in epoch seconds.
        duration_s: How long it took, retries included.
        since_utc: Since when it works, or does not.
        cells: The last checks, oldest first.
    """

    def __init__(self) -> None:
        self.result: Result | None = None
        self.verdict: Result | None = None
        self.at_utc = 0.0
        self.duration_s = 0.0
        self.since_utc: float | None = None
        self.cells: deque[Cell] = deque(maxlen=CELLS)
        self.sums = Sums()

    def put(self, result: Result, at_utc: float, duration_s: float) -> None:
        self.result, self.at_utc, self.duration_s = result, at_utc, duration_s
        if result.status is not Status.SKIPPED:
            self.verdict = result
        self.sums.add(result)
        timings = result.timings
        seconds = timings.total_s if timings.ttft_s is None else timings.ttft_s
        self._take(Cell(at_utc, result.status, result.category, seconds))

    def recall(self, past: Sequence[PastResult]) -> None:
        """Checks of an earlier process, the newest first."""
        for one in reversed(past[:CELLS]):
            seconds = one.total_s if one.ttft_s is None else one.ttft_s
            self._take(Cell(one.at_utc, one.status, one.category, seconds))

    def _take(self, cell: Cell) -> None:
        """What was skipped says nothing of since when."""
        if cell.status is not Status.SKIPPED:
            known = next((c for c in reversed(self.cells) if c.status is not Status.SKIPPED), None)
            if known is None or (known.status in _WORKS) != (cell.status in _WORKS):
                self.since_utc = cell.at_utc
        self.cells.append(cell)


class Part(Enum):
    """What may have changed beside one row."""

    ALL = "all"
    INCIDENTS = "incidents"


News = Key | Part
"""A row that has changed, by its key, or more than a row."""


class Board:
    """
    Every standing by its key, and the incidents; whoever listens hears what has changed.

    Attributes:
        incidents: Those of the last days, the newest first.
    """

    def __init__(self) -> None:
        self.incidents: Sequence[Incident] = ()
        self._standings: dict[Key, Standing] = {}
        self._listeners: set[asyncio.Queue[News]] = set()

    def __getitem__(self, key: Key) -> Standing:
        return self._standings.setdefault(key, Standing())

    def __iter__(self) -> Iterator[tuple[Key, Standing]]:
        return iter(list(self._standings.items()))

    @property
    def verdicts(self) -> list[Result]:
        """The last verdict on each probe that has one."""
        return [standing.verdict for _, standing in self if standing.verdict is not None]

    def put(self, key: Key, result: Result, at_utc: float, duration_s: float) -> None:
        self[key].put(result, at_utc, duration_s)
        self.tell(key)

    def keep(self, keys: Sequence[Key]) -> None:
        """Know these and no others, in this order: a new configuration has come."""
        known = self._standings
        self._standings = {key: known.get(key) or Standing() for key in keys}
        self.tell(Part.ALL)

    def hear_incidents(self, found: Sequence[Incident]) -> None:
        """Listeners hear of what has begun or ended, not of what goes on."""
        before, self.incidents = self.incidents, found
        if _turns(before) != _turns(found):
            self.tell(Part.INCIDENTS)

    def tell(self, news: News) -> None:
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Part.ALL)
            queue.put_nowait(news)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[News]]:
        """What changes meanwhile."""
        queue: asyncio.Queue[News] = asyncio.Queue(_HEARD)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


def _turns(incidents: Sequence[Incident]) -> set[tuple[int, float | None]]:
    return {(incident.id, incident.closed_at_utc) for incident in incidents}
