"""What several runs of one process have in common: limits over all of them, and what refusals have taught."""

from __future__ import annotations

from llmprobe.engine.probing import slots
from llmprobe.engine.probing.adapt import Lessons
from llmprobe.engine.probing.pace import LagMeter, Pace
from llmprobe.engine.probing.slots import Slots
from llmprobe.transport.descriptors import room_for

MAX_STREAMING = 64


class Common:
    """
    Without it each run has its own.

    Args:
        concurrency: Probes at once; None for as many as this machine carries.
        per_host, per_key, rate_per_s: As in the options of a run.
    """

    def __init__(
        self, concurrency: int | None, per_host: int, per_key: int | None, rate_per_s: float | None
    ) -> None:
        at_once = room_for(min(concurrency or slots.MOST, MAX_STREAMING))
        self.slots = Slots(at_once, adaptive=concurrency is None)
        self.lag = LagMeter(self.slots.heard)
        self.pace = Pace(self.slots, per_host, per_key=per_key, rate_per_s=rate_per_s, lag=self.lag)
        self.lessons = Lessons()
