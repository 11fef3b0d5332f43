"""History and alerts for results that come one at a time: they are written down together, once a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from llmprobe.engine.outcome.merge import concluded
from llmprobe.errors import BusyError
from llmprobe.model import ExitCode, GroupResult, Result, Run, Status
from llmprobe.model.past import Incident, PastResult
from llmprobe.monitor.check import is_bad
from llmprobe.monitor.job import Job
from llmprobe.monitor.tracking import Note, Tracking
from llmprobe.version import __version__

_EVERY_S = 1.0
_BUSY_S = 60.0
"""How long another run of the configuration may keep the lock, before we say so."""
INCIDENTS_S = 7 * 86400.0


class Ledger:
    """
    Writes down what `put` is given, and tells the sinks of it: as a run of `check` does, with the same
    hysteresis. Groups are judged by what is known of all their members.

    Args:
        known: The last verdict on each probe of all.
        on_incidents: Hears of the incidents of the last week, the newest first.
    """

    def __init__(
        self,
        note: Note,
        known: Callable[[], Sequence[Result]],
        on_incidents: Callable[[Sequence[Incident]], None],
    ) -> None:
        self._note = note
        self._known = known
        self._on_incidents = on_incidents
        self._waiting: list[tuple[Result, float]] = []
        self._some = asyncio.Event()

    def put(self, result: Result, began_at_utc: float) -> None:
        self._waiting.append((result, began_at_utc))
        self._some.set()

    async def recall(self, job: Job, names: Sequence[str], limit: int) -> dict[str, list[PastResult]]:
        """The last results of each target that an earlier process has recorded, the newest first."""
        if not job.tracking.stateful:
            return {}
        await self._tell_incidents(job)
        return await asyncio.to_thread(Tracking(job.tracking, self._note).last_results, names, limit)

    async def keep(self, job: Callable[[], Job]) -> None:
        """Write and tell until it is cancelled; `job` is the one in force."""
        while True:
            await self._some.wait()
            await asyncio.sleep(_EVERY_S)
            await self.settle(job())

    async def settle(self, job: Job) -> None:
        """Write and tell what is waiting, now."""
        self._some.clear()
        batch, self._waiting = self._waiting, []
        if not batch or not (job.tracking.stateful or job.tracking.alerts.hear_runs):
            return
        tracking = Tracking(job.tracking, self._note)
        until = time.monotonic() + _BUSY_S
        while not await self._settled(job, tracking, batch):
            if time.monotonic() > until:
                self._note("warning: another run of this configuration holds its lock: not recorded")
                return
            await asyncio.sleep(_EVERY_S)
        if job.tracking.stateful:
            await self._tell_incidents(job)

    async def _settled(self, job: Job, tracking: Tracking, batch: Sequence[tuple[Result, float]]) -> bool:
        """False where another run of the configuration is at it."""
        run = _as_run(job, batch, self._known())
        try:
            with tracking.lock():
                await asyncio.to_thread(tracking.record, run, is_bad(job.options.fail_on))
                await tracking.tell()
        except BusyError:
            return False
        return True

    async def _tell_incidents(self, job: Job) -> None:
        tracking, since = Tracking(job.tracking, self._note), time.time() - INCIDENTS_S
        self._on_incidents(await asyncio.to_thread(tracking.incidents_since, since))


def _as_run(job: Job, batch: Sequence[tuple[Result, float]], known: Sequence[Result]) -> Run:
    """
    What has come since the last one, as a run of its own.

    Its conclusion, exit code and groups are those of all that is known: a heartbeat is red while
    anything is, not when a red target happens to be the one that was probed.
    """
    began = min(at for _, at in batch)
    bare = Run(__version__, began, time.time() - began, Status.HEALTHY, "", ExitCode.OK, ())
    done = concluded(bare, known, job.plan.groups, job.options.fail_on)
    fresh = {result.target for result, _ in batch}
    touched = [group for group in done.groups if fresh & set(group.members)]
    groups = [g if _is_known(g, known) else replace(g, status=Status.SKIPPED) for g in touched]
    return replace(done, results=tuple(result for result, _ in batch), groups=tuple(groups))


def _is_known(group: GroupResult, known: Sequence[Result]) -> bool:
    """Whether each member has been probed: before that nothing can be said of a group."""
    return set(group.members) <= {r.target for r in known if r.status is not Status.SKIPPED}
