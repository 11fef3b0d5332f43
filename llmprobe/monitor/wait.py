"""Probe again and again, calmly, until all is well, nothing helps, or the time is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.engine.outcome.merge import merged
from llmprobe.engine.run import Options, run
from llmprobe.model import Category, ExitCode, Fault, Result, Run, Status, Target
from llmprobe.monitor.models import require_names

FIRST_PAUSE_S = 1.0
NOT_CURED_BY_WAITING = (
    Category.AUTH, Category.MISSING_CREDENTIAL, Category.PERMISSION, Category.REGION_BLOCKED,
    Category.QUOTA_EXHAUSTED,
)  # fmt: skip
"""Seen twice in a row on the client's side, each ends the waiting: only a person can change it."""

OnPause = Callable[[Run, float, float], None]
"""Hears of the last verdict, the seconds until the next one and the seconds left, about once a second."""


async def wait(
    plan: Plan, options: Options, *, for_s: float, every_s: float, on_pause: OnPause | None = None
) -> Run:
    """
    Wait until the targets of a plan are healthy.

    Args:
        options: `stop` ends the waiting early.
        for_s: Seconds to wait at most.
        every_s: Longest pause between two runs; the first ones are shorter.

    Returns:
        The last verdict on all: its exit code is 0 once nothing counts as failing.
    """
    require_names(plan, "wait")
    return await _Waiter(plan, options, time.monotonic() + for_s, every_s, on_pause).wait()


class _Waiter:
    def __init__(
        self, plan: Plan, options: Options, until: float, every_s: float, on_pause: OnPause | None
    ) -> None:
        self._targets = [replace(target, retries=0) for target in plan]  # to probe again is what this does
        self._groups = plan.groups
        self._options = options
        self._until = until
        self._every_s = every_s
        self._on_pause = on_pause
        self._stop = options.stop or asyncio.Event()

    async def wait(self) -> Run:
        done = await self._probed(self._targets)
        pause_s = FIRST_PAUSE_S
        hopeless: set[str] = set()
        while done.exit_code is not ExitCode.OK and not self._stop.is_set() and self._left_s > 0:
            if hopeless & (hopeless := self._hopeless(done)):
                break
            await self._pause(done, min(max(pause_s, _asked_for(done.results)), self._left_s))
            done = self._again(done, await self._probed(self._unwell(done)))
            pause_s = min(pause_s * 2, self._every_s)
        return done

    @property
    def _left_s(self) -> float:
        return self._until - time.monotonic()

    async def _probed(self, targets: Sequence[Target]) -> Run:
        options = replace(self._options, deadline_s=max(self._left_s, 0.05), stop=self._stop)
        return await run(targets, self._groups, options)

    def _again(self, old: Run, new: Run) -> Run:
        """What was cut off says nothing: the verdict before it stands."""
        known = [r for r in new.results if r.status is not Status.SKIPPED]
        return merged(old, replace(new, results=known), self._groups, self._options.fail_on)

    def _unwell(self, done: Run) -> list[Target]:
        names = {r.target for r in done.results if self._options.fail_on.counts(r)}
        return [target for target in self._targets if target.name in names] or self._targets

    def _hopeless(self, done: Run) -> set[str]:
        return {
            r.target
            for r in done.results
            if r.category in NOT_CURED_BY_WAITING
            and r.fault is Fault.CLIENT
            and r.retry_after_s is None
            and self._options.fail_on.counts(r)
        }

    async def _pause(self, done: Run, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not self._stop.is_set():
            if self._on_pause is not None:
                self._on_pause(done, left, self._left_s)
            try:
                async with asyncio.timeout(min(left, 1.0)):
                    await self._stop.wait()
            except TimeoutError:
                continue


def _asked_for(results: Sequence[Result]) -> float:
    """The shortest pause that a server asked for: it may be back by then."""
    return min((r.retry_after_s for r in results if r.retry_after_s), default=0.0)
