"""
An hour of `watch` over a scripted outage, in seconds: real requests, a real history, a real webhook.

Seconds pass faster for the schedule and for the simulator alike. `python -m tests.outage` plays it by hand.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.config.alerts import AlertSettings
from llmprobe.model import ExitCode, Group, ProbeKind, Secret, Timeouts
from llmprobe.model.past import Change
from llmprobe.monitor.clock import Clock
from llmprobe.monitor.job import Job, options_for, tracking_for
from llmprobe.monitor.schedule import Rhythm
from llmprobe.monitor.watch import Watch
from llmprobe.simulator import Simulator
from llmprobe.simulator.scenario import Scenario, Step
from tests.hooks import hook_server
from tests.support import a_target


class FastClock(Clock):
    """Seconds that pass `speed` times as fast as ours."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = time.monotonic()

    def now(self) -> float:
        return (time.monotonic() - self._started) * self._speed

    async def wait(self, seconds: float | None, events: Sequence[asyncio.Event]) -> None:
        await super().wait(None if seconds is None else seconds / self._speed, events)


class Scripted(Simulator):
    """A simulator that keeps to the clock of the rehearsal."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        super().__init__()
        self._script, self._clock = scenario, clock

    def behaviour(self) -> str:
        return self._script.at(self._clock.now())


class Played(NamedTuple):
    """What came of it: the webhook's bodies, the changes that the watch told, its probes, its exit code."""

    alerts: list[dict[str, Any]]
    changes: list[Change]
    probes: int
    worst: ExitCode
    requests: int


OUTAGE = Scenario((Step("ok", 1200.0), Step("server_error", 900.0), Step("ok", None)))
"""Twenty minutes well, fifteen minutes down, well again."""


def play(
    scenario: Scenario = OUTAGE,
    *,
    for_s: float = 3600.0,
    every_s: float = 30.0,
    speed: float = 400.0,
    names: Sequence[str] = ("claude",),
    groups: Sequence[Group] = (),
    well: Sequence[str] = (),
    **alerts: Any,
) -> Played:
    """
    Play a scenario in front of a watch.

    Args:
        names: Targets of the scripted server; `well` are those that answer whatever it says.
        alerts: Fields of `AlertSettings`.
    """
    with hook_server() as hook, tempfile.TemporaryDirectory() as folder:
        settings = AlertSettings(webhook=Secret(hook.url), **alerts)

        async def watched() -> tuple[Watch, list[Change], int]:
            clock = FastClock(speed)
            async with Scripted(scenario, clock) as simulator:
                url = await simulator.start()
                targets = [_target(url, name) for name in names]
                targets += [_target(f"{url}/~ok/v1", name) for name in well]
                plan = Plan.of(targets, groups)
                tracking = tracking_for(plan, db=Path(folder) / "history.db", alerts=settings)
                job = Job(plan, options_for(plan), replace(tracking, record=True))
                watch = Watch(job, Rhythm(every_s), print, for_s=for_s, clock=clock)
                changes = [change async for update in watch.updates() for change in update.changes]
                return watch, changes, simulator.requests

        watch, changes, requests = asyncio.run(watched())
        return Played([body for _, _, body in hook.calls], changes, watch.rows.probes, watch.worst, requests)


def _target(url: str, name: str) -> Any:
    return a_target(url, name=name, timeouts=Timeouts(total_s=30.0), probes=(ProbeKind.CHAT,))


if __name__ == "__main__":
    played = play(speed=float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
    for alert in played.alerts:
        print(f"{alert['change']}: {alert['text']}")
    print(f"{played.probes} probes, {played.requests} requests, exit code {int(played.worst)}")
