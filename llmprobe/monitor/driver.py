"""Probes that nobody asked for: a prober that keeps its own schedule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from llmprobe.engine.probing.budget import estimate
from llmprobe.model import ProbeKind, Status, Target
from llmprobe.model.served import Told
from llmprobe.monitor.guard import cost_of
from llmprobe.monitor.schedule import Done, Rhythm, Schedule

Ask = Callable[[Target, ProbeKind], Awaitable[Told]]


class Driver:
    """
    Asks for each target when it is due.

    Args:
        ask: Probes one target, and says what is to be told of it.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._targets: dict[str, Target] = {}
        self._schedule: Schedule | None = None
        self._woken = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()

    def change(self, targets: Sequence[Target], rhythm: Rhythm | None) -> None:
        """These targets in this rhythm from now on; None: none."""
        self._targets = {target.name: target for target in targets}
        costs = {target.name: _cost(target) for target in targets}
        if rhythm is None:
            self._schedule = None
        elif self._schedule is None:
            self._schedule = Schedule(costs, rhythm, time.monotonic)
        else:
            self._schedule.change(costs, rhythm)
        self._woken.set()

    def next_in_s(self, target: str) -> float | None:
        """Seconds until a target is due; None while it is probed, and where nothing is."""
        if self._schedule is None or target not in self._targets:
            return None
        return self._schedule.next_in_s(target)

    async def drive(self) -> None:
        """Until it is cancelled."""
        while True:
            self._woken.clear()
            for name in self._schedule.due() if self._schedule else ():
                task = asyncio.ensure_future(self._probe(self._schedule, self._targets[name]))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            wait_s = self._schedule.wait_s() if self._schedule else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _probe(self, schedule: Schedule | None, target: Target) -> None:
        done = Done(failed=True)
        try:
            told = await asyncio.gather(*(self._ask(target, probe) for probe in target.probes))
            done = _done(target, told)
        finally:
            if schedule is not None:
                schedule.done(target.name, done)
            self._woken.set()


def _done(target: Target, told: Sequence[Told]) -> Done:
    fresh = [one.result for one in told if one.hit is None]
    return Done(
        failed=any(result.status is Status.FAILED for result in fresh),
        tokens=sum(cost_of(result, estimate(target, result.probe)) for result in fresh),
        pause_s=max((one.paused_s for one in told), default=0.0),
    )


def _cost(target: Target) -> int:
    return sum(estimate(target, probe) for probe in target.probes)
