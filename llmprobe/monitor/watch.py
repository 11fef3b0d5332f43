"""Probe again and again, each target in its own rhythm, and tell what changes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from msgspec.structs import replace

from llmprobe.engine.outcome.exit_code import worst_code
from llmprobe.errors import LlmprobeError, UsageError
from llmprobe.history.pauses import lasts_s
from llmprobe.model import Category, ExitCode, Result, Run
from llmprobe.model.watching import Begun, Standing, Update
from llmprobe.monitor.check import is_bad
from llmprobe.monitor.clock import Clock
from llmprobe.monitor.items import Item, items_of, tokens_of
from llmprobe.monitor.job import Job
from llmprobe.monitor.models import require_names
from llmprobe.monitor.notes import Once
from llmprobe.monitor.rounds import Rounds
from llmprobe.monitor.rows import Rows
from llmprobe.monitor.schedule import Done, Rhythm, Schedule
from llmprobe.monitor.sweep import swept
from llmprobe.monitor.tracking import Note, Tracking

_FOR_EVER_S = 10 * 365 * 86400.0
_AT_ONCE = 64
"""Items that are probed at the same time, unless the configuration says how many."""
_TOGETHER_S = 0.05
"""What ends at the same time is recorded at once."""


class Source(Protocol):
    """Where the results of a watch come from: `Rounds`, or what a rehearsal plays."""

    async def begin(self) -> Begun: ...

    async def probe(self, item: Item) -> Run: ...

    async def record(self, found: Mapping[str, Run]) -> Update: ...

    def change(self, job: Job, items: Mapping[str, Item]) -> None: ...

    async def end(self) -> None: ...


class Watch:
    """
    A watch over the targets of a job.

    Args:
        job: Its `options.stop` ends the watch at once; what is being probed then is dropped.
        rhythm: How often, and for how many tokens an hour.
        note: Hears of trouble beside the probes; of the same trouble once an hour.
        for_s: Seconds after which it ends; what is being probed then is finished.
        count: Probes of each target after which it ends.
        replan: Makes the job that `reload` asks for. Where that fails, the old one stays.
        clock, source: For rehearsals.

    Attributes:
        rows: What has been seen until now.
    """

    def __init__(
        self,
        job: Job,
        rhythm: Rhythm,
        note: Note,
        *,
        for_s: float | None = None,
        count: int | None = None,
        replan: Callable[[], Awaitable[Job]] | None = None,
        clock: Clock | None = None,
        source: Source | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._note = Once(note, self._clock.now)
        self._job = job
        self._stop = job.options.stop or asyncio.Event()
        self._rhythm = rhythm
        self._items = items_of(job)
        self._schedule = Schedule(_costs(self._items), _confirming(rhythm, job), self._clock.now)
        self._source = source
        self._ends_at = None if for_s is None else self._clock.now() + for_s
        self._count = count
        self._begun: Counter[str] = Counter()
        self._refused: set[str] = set()
        self._tasks: dict[str, asyncio.Task[Run]] = {}
        self._woken = asyncio.Event()
        self._replan = replan
        self._replanning: asyncio.Task[Job] | None = None
        self._on_reloaded: Callable[[], None] = lambda: None
        self._passing_history: Path | None = None
        self._codes: set[ExitCode] = set()
        self._began_utc = time.time()
        self.rows = Rows(self._targets)

    @property
    def worst(self) -> ExitCode:
        """The worst exit code of any round, by the contract's order; 2 where nothing could be probed."""
        return worst_code(self._codes)

    async def updates(self) -> AsyncGenerator[Update, None]:
        """
        Each update as it comes, until the end.

        Raises:
            UsageError: The model of a target is a pattern.
            BusyError: Another run of the same configuration that alerts is still going on.
        """
        require_names(self._job.plan, "watch")
        with ExitStack() as stack:
            self._enter(stack)
            source = self._source or Rounds(self._job, self._note, self._clock)
            try:
                self.rows = Rows(self._targets, await source.begin())
                while not self._is_over:
                    self._begin_due(source)
                    await self._clock.wait(self._pause_s(), [self._woken, self._stop])
                    self._woken.clear()
                    if (update := await self._recorded(source)) is not None:
                        yield update
                    self._take_over(source)
            finally:
                await self._drop_what_runs()
                await source.end()

    def reload(self, on_end: Callable[[], None] = lambda: None) -> None:
        """
        Plan anew. Targets that remain keep their rhythm and their past.

        Args:
            on_end: Called when that is done, or has failed.
        """
        self._on_reloaded = on_end
        if self._replan is not None and self._replanning is None:
            self._replanning = asyncio.ensure_future(self._replan())
            self._replanning.add_done_callback(lambda _: self._woken.set())

    def standing(self) -> Standing:
        """All of it at this instant, for a screen."""
        rows = [
            self.rows.row(
                name,
                next_in_s=self._schedule.next_in_s(item.name),
                is_held=self._schedule.is_held(item.name),
            )
            for item in self._items.values()
            for name in item.targets
        ]
        order = {name: place for place, name in enumerate(self._targets)}
        return Standing(
            now_utc=time.time(),
            began_utc=self._began_utc,
            rows=sorted(rows, key=lambda row: order[row.target]),
            changes=tuple(self.rows.changes),
            conclusion=self.rows.conclusion,
            every_s=self._schedule.every_s,
            probes=self.rows.probes,
            spent=self.rows.spent,
            spent_in_hour=self._schedule.tokens.spent,
            tokens_per_hour=self._rhythm.tokens_per_hour,
            ends_in_s=None if self._ends_at is None else max(0.0, self._ends_at - self._clock.now()),
        )

    @property
    def _targets(self) -> list[str]:
        return [target.name for target in self._job.plan]

    def _enter(self, stack: ExitStack) -> None:
        """Hold the lock of runs that alert; keep a history for the time of the watch where none is kept."""
        held = replace(self._job.tracking, deadline_s=_FOR_EVER_S)
        stack.enter_context(Tracking(held, self._note).lock())
        if self._source is None and not self._job.tracking.stateful:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="llmprobe-")))
            self._passing_history = folder / "history.db"
        self._job = self._as_watched(self._job)

    def _as_watched(self, job: Job) -> Job:
        """With a history to go by, and with alerts that last from one probe to the next."""
        tracking = job.tracking
        if self._passing_history is not None and not tracking.stateful:
            tracking = replace(tracking, db=self._passing_history, record=True)
        every_s = max(tracking.alerts.every_s, self._schedule.every_s)
        return replace(job, tracking=replace(tracking, alerts=replace(tracking.alerts, every_s=every_s)))

    @property
    def _is_over(self) -> bool:
        counted = self._count is not None and all(self._is_counted(name) for name in self._items)
        return self._stop.is_set() or ((counted or self._is_late) and not self._tasks)

    @property
    def _is_late(self) -> bool:
        return self._ends_at is not None and self._clock.now() >= self._ends_at

    def _is_counted(self, name: str) -> bool:
        return self._count is not None and self._begun[name] >= self._count

    def _begin_due(self, source: Source) -> None:
        """Begin what is due and for which there is room: by the limits at once, on all hosts and on one."""
        options, self._refused = self._job.options, set()
        running = Counter(host for name in self._tasks for host in self._hosts(name))
        begun = len(self._tasks)

        def may(name: str) -> bool:
            nonlocal begun
            hosts = self._hosts(name)
            full = begun >= (options.concurrency or _AT_ONCE) or any(
                running[host] >= options.per_host for host in hosts
            )
            if full or self._is_late or self._is_counted(name):
                self._refused.add(name)
                return False
            running.update(hosts)
            begun += 1
            return True

        for name in self._schedule.due(may):
            self._begun[name] += 1
            task = self._tasks[name] = asyncio.ensure_future(source.probe(self._items[name]))
            task.add_done_callback(lambda _: self._woken.set())

    def _hosts(self, name: str) -> Sequence[str]:
        return self._items[name].hosts if name in self._items else ()

    def _pause_s(self) -> float | None:
        """Seconds until something is to be done, unless something ends before."""
        due = self._schedule.wait_s(besides=self._refused)
        late = None if self._ends_at is None else self._ends_at - self._clock.now()
        return min(
            (max(0.0, s) for s in (due, None if self._is_late else late) if s is not None), default=None
        )

    async def _recorded(self, source: Source) -> Update | None:
        """Record together what has ended."""
        if not any(task.done() for task in self._tasks.values()):
            return None
        await self._clock.wait(_TOGETHER_S, [self._stop])
        found = {name: task.result() for name, task in self._tasks.items() if task.done()}
        tokens = 0
        for name, run in found.items():
            del self._tasks[name]
            tokens += self._ended(name, run)
        known = {name: run for name, run in found.items() if run.results and name in self._items}
        if not known:
            return None
        self._codes |= {run.exit_code for run in known.values()}
        update = replace(await source.record(known), tokens=tokens, worst=self.worst)
        self.rows.take(update)
        return update

    def _ended(self, name: str, run: Run) -> int:
        """Plan the next probe of an item; the tokens that this one used."""
        failed = any(map(is_bad(self._job.options.fail_on), run.results))
        tokens = tokens_of(run.results, self._items[name]) if name in self._items else 0
        self._schedule.done(name, Done(failed, tokens, min(map(_pause_s_of, run.results), default=0.0)))
        return tokens

    def _take_over(self, source: Source) -> None:
        """Go on with a job that has been planned anew, if one has."""
        if self._replanning is None or not self._replanning.done():
            return
        done, self._replanning = self._replanning, None
        self._change_to(done, source)
        self._on_reloaded()

    def _change_to(self, planned: asyncio.Task[Job], source: Source) -> None:
        try:
            job = planned.result()
            require_names(job.plan, "watch")
            items = items_of(job)
        except LlmprobeError as exc:
            what = "; ".join(exc.message.splitlines())
            self._note(f"error: {what}; going on with the configuration as it was")
            return
        self._job, self._items = self._as_watched(job), items
        self._schedule.change(_costs(items), _confirming(self._rhythm, job))
        self.rows.change(self._targets)
        source.change(self._job, items)
        self._note(f"configuration reloaded: {len(job.plan)} {'target' if len(job.plan) == 1 else 'targets'}")

    async def _drop_what_runs(self) -> None:
        running = [*self._tasks.values(), *([self._replanning] if self._replanning else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _confirming(rhythm: Rhythm, job: Job) -> Rhythm:
    """As many quick probes as it takes to confirm a failure, at the least."""
    return replace(rhythm, burst=max(rhythm.burst, job.tracking.alerts.confirm - 1) if rhythm.burst else 0)


def _costs(items: Mapping[str, Item]) -> dict[str, int]:
    return {item.name: item.cost for item in items.values()}


def _pause_s_of(result: Result) -> float:
    if result.category is Category.BACKOFF:
        return result.retry_after_s or 0.0
    return lasts_s(result) or 0.0


async def all_listed(job: Job, note: Note, *, most: int) -> Job:
    """
    The job with a target for each model that a pattern means, for as long as it is watched.

    Raises:
        UsageError: A list did not come, or more models are meant than `most`.
    """
    found = await swept(job, note, most=most)
    if found.known:
        first = found.known[0]
        raise UsageError(f'the models of "{first.target}" are not known: {first.reason}', first.hint)
    return found
