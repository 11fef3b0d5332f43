"""The rounds of a watch: probe an item, record what was found, and tell the sinks of what has changed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from llmprobe.engine.outcome.merge import concluded
from llmprobe.model import Category, Result, Run
from llmprobe.model.past import Change, ChangeKind, Incident
from llmprobe.model.watching import Begun, Update
from llmprobe.monitor.check import is_bad, probed
from llmprobe.monitor.clock import Clock
from llmprobe.monitor.items import Item, job_of
from llmprobe.monitor.job import Job
from llmprobe.monitor.rows import CELLS
from llmprobe.monitor.tracking import Note, Tracking

_TELL_TOGETHER_S = 1.0
"""What fails at the same time is told at once: sinks wait this long for more of it."""
_UNTOLD = 5000
_LAST_WORDS_S = 10.0


class Rounds:
    """
    Probes the items of a job, one history and one telling of sinks around all of them.

    Rounds of different items may run at the same time; what they found is recorded in order, and sinks are
    told in the background, so that a slow webhook delays no probe.
    """

    def __init__(self, job: Job, note: Note, clock: Clock) -> None:
        self._job = job
        self._note = note
        self._clock = clock
        self._last: dict[str, Sequence[Result]] = {}
        self._known: dict[int, Incident] = {}
        self._untold: deque[Result] = deque(maxlen=_UNTOLD)
        self._telling: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._last_run: Run | None = None
        self._told_at = 0.0

    async def begin(self) -> Begun:
        """What is failing already, and how the last checks were, by the history."""
        if self._job.tracking.alerts.hear_runs:
            self._renewing = asyncio.ensure_future(self._renew())
        self._known = await asyncio.to_thread(self._open)
        names = [target.name for target in self._job.plan]
        past = await asyncio.to_thread(Tracking(self._job.tracking, self._note).last_results, names, CELLS)
        cells = {name: [result.status for result in reversed(results)] for name, results in past.items()}
        return Begun(list(self._known.values()), cells)

    def change(self, job: Job, items: Mapping[str, Item]) -> None:
        """Another job from now on; what is known of items that are gone is forgotten."""
        self._job = job
        names = {name for item in items.values() for name in item.targets}
        self._last = {
            name: [r for r in results if r.target in names]
            for name, results in self._last.items()
            if name in items
        }

    async def probe(self, item: Item) -> Run:
        """The results of one item; what was interrupted is left out."""
        job = job_of(self._job, item)
        done = await probed(job, Tracking(job.tracking, self._note))
        finished = [r for r in done.results if r.category is not Category.CANCELLED]
        return concluded(done, finished, job.plan.groups, job.options.fail_on)

    async def record(self, found: Mapping[str, Run]) -> Update:
        """Write down what items have brought at the same time, and say what it has changed."""
        self._last.update((name, run.results) for name, run in found.items())
        run = self._together(list(found.values()))
        changes = await asyncio.to_thread(self._write, run)
        self._tell_soon(run)
        return Update(self._over_all(run), changes)

    async def end(self) -> None:
        """Let sinks hear what they have not heard, for a while; the rest is told by the next run."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=_LAST_WORDS_S)
        tasks = [task for task in (self._renewing, self._telling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _together(self, runs: Sequence[Run]) -> Run:
        began = min(run.started_at_utc for run in runs)
        return replace(
            runs[0],
            started_at_utc=began,
            duration_s=max(run.started_at_utc + run.duration_s for run in runs) - began,
            results=[result for run in runs for result in run.results],
            groups=[group for run in runs for group in run.groups],
            notes=list(dict.fromkeys(note for run in runs for note in run.notes)),
        )

    def _over_all(self, run: Run) -> Run:
        """A run with the verdict on the last results of all items, and its own results."""
        results = [*(r for found in self._last.values() for r in found), *self._job.known]
        whole = concluded(run, results, self._job.plan.groups, self._job.options.fail_on)
        return replace(whole, results=run.results)

    def _write(self, run: Run) -> list[Change]:
        tracking = Tracking(self._job.tracking, self._note)
        tracking.record(run, is_bad(self._job.options.fail_on))
        return self._changes(tracking, run.started_at_utc + run.duration_s)

    def _changes(self, tracking: Tracking, at: float) -> list[Change]:
        """Incidents that were not known, and those that were and are over."""
        before, self._known = self._known, self._open()
        over = [
            tracking.incident(incident) for number, incident in before.items() if number not in self._known
        ]
        fresh = [incident for number, incident in self._known.items() if number not in before]
        return [
            *(_change(ChangeKind.CLOSED, incident, at) for incident in over if incident.closed_at_utc),
            *(_change(ChangeKind.OPENED, incident, at) for incident in fresh),
        ]

    def _open(self) -> dict[int, Incident]:
        """Open incidents of the job's own targets and groups: a history may hold those of others."""
        plan = self._job.plan
        names = {target.name for target in plan} | {f"group:{group.name}" for group in plan.groups}
        found = Tracking(self._job.tracking, self._note).open_incidents()
        return {incident.id: incident for incident in found if incident.target in names}

    def _tell_soon(self, run: Run) -> None:
        self._last_run = run
        if self._job.tracking.alerts.hear_runs:
            self._untold.extend(run.results)
            self._go_on(self._tell(run))

    def _go_on(self, telling: Coroutine[Any, Any, None]) -> None:
        """One telling at a time: what comes meanwhile is told by the one that runs."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(telling)
        else:
            telling.close()

    async def _tell(self, run: Run) -> None:
        while self._untold:
            await self._clock.wait(_TELL_TOGETHER_S, [])
            results = tuple(self._untold)
            self._untold.clear()
            await self._told_by(self._now(run, results)).tell()

    async def _renew(self) -> None:
        """
        While nothing is probed (a pause that a server asked for), what lasts is told in time: an alert that
        is not renewed would end by itself, and a heartbeat that stays away says that we are dead.
        """
        while True:
            every_s = self._job.tracking.alerts.every_s
            await self._clock.wait(every_s, [])
            if self._last_run is not None and self._clock.now() - self._told_at >= every_s:
                whole = self._now(self._last_run, [r for results in self._last.values() for r in results])
                self._go_on(self._told_by(whole).tell(heard=replace(whole, results=())))

    def _told_by(self, run: Run) -> Tracking:
        self._told_at = self._clock.now()
        tracking = Tracking(self._job.tracking, self._note)
        tracking.recorded(run, is_bad(self._job.options.fail_on))
        return tracking

    def _now(self, run: Run, results: Sequence[Result]) -> Run:
        """These results, with the verdict on all as it stands at this instant."""
        return replace(self._over_all(run), results=results, started_at_utc=time.time(), duration_s=0.0)


def _change(kind: ChangeKind, incident: Incident, at: float) -> Change:
    cause = incident.category, incident.fault, incident.reason, incident.hint
    return Change(kind, incident, at, *cause, known=kind is ChangeKind.CLOSED)
