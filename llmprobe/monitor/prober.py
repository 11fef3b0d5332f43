"""Probes on request, for a process that goes on: the guard before each, board and ledger after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from llmprobe.config.serve import GuardSettings, ServeSettings
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.cross_check import reconsider
from llmprobe.engine.outcome.results import unsent
from llmprobe.engine.probing.budget import estimate
from llmprobe.engine.probing.common import Common
from llmprobe.engine.run import run
from llmprobe.errors import LlmprobeError
from llmprobe.model import Category, ProbeKind, Result, Run, Status, Target
from llmprobe.model.served import Health, Hit, Told
from llmprobe.monitor.board import CELLS, Board, Part
from llmprobe.monitor.check import is_bad
from llmprobe.monitor.driver import Driver
from llmprobe.monitor.flights import Flights
from llmprobe.monitor.guard import Guard, Key
from llmprobe.monitor.job import Job
from llmprobe.monitor.lag import LoopLag
from llmprobe.monitor.ledger import Ledger
from llmprobe.monitor.notes import Once
from llmprobe.monitor.schedule import Rhythm
from llmprobe.monitor.sweep import swept
from llmprobe.monitor.tracking import Note, Tracking
from llmprobe.monitor.unrecorded import Unrecorded
from llmprobe.version import __version__

_SIBLINGS_S = 300.0
"""What other probes said longer ago is no witness any more."""
Load = Callable[[], tuple[Job, ServeSettings]]
"""Reads the configuration. Raises LlmprobeError."""


class Prober:
    """
    The targets of one configuration, probed when somebody asks.

    Args:
        load: Reads the configuration; it is called in a thread, for `start` and for each `reload`.
        note: Hears of trouble beside the probes, in one sentence each.
    """

    def __init__(self, load: Load, note: Note) -> None:
        self.board = Board()
        self.targets: dict[str, Target] = {}
        self.guard = Guard(GuardSettings())
        self._load = load
        self.note = note = Once(note, time.monotonic)
        self._loaded_now: tuple[Job, ServeSettings] | None = None
        self._starting = asyncio.Lock()
        self._flights: Flights[Key, Told] = Flights()
        self._lag = LoopLag()
        self._ledger = Ledger(note, lambda: self.board.verdicts, self.board.hear_incidents)
        self.driver = Driver(lambda target, probe: self.ask(target, probe, on_schedule=True))
        self._unrecorded = Unrecorded()
        self._tasks: list[asyncio.Task[None]] = []
        self._reloaded_at_utc = 0.0
        self._reload_failed = False
        self.is_closing = False
        self._reloading = asyncio.Lock()

    @property
    def job(self) -> Job:
        """The one in force, once `start` has come back."""
        assert self._loaded_now is not None
        return self._loaded_now[0]

    @property
    def settings(self) -> ServeSettings:
        """Those in force, once `start` has come back."""
        assert self._loaded_now is not None
        return self._loaded_now[1]

    @property
    def is_ready(self) -> bool:
        return self._loaded_now is not None

    @property
    def health(self) -> Health:
        return Health(
            version=__version__,
            targets=len(self.job.plan),
            running=self.guard.running,
            tokens=self.guard.tokens.spent,
            tokens_limit=self.guard.tokens.limit,
            loop_lag_s=self._lag.worst_s,
            reloaded_at_utc=self._reloaded_at_utc,
            reload_failed=self._reload_failed,
            hits={str(hit): count for hit, count in self.guard.hits.items()},
        )

    async def start(self) -> None:
        """Read the configuration and what is known of its past, once. Raises LlmprobeError."""
        if self.is_ready:
            return
        async with self._starting:
            if not self.is_ready:
                await self._take(*await self._loaded())
                self._also(self._lag.watch())
                self._also(self.driver.drive())
                self._also(self._ledger.keep(lambda: self.job))

    async def reload(self) -> None:
        """Read the configuration again; where that fails the old one stays. Raises LlmprobeError."""
        async with self._reloading:
            try:
                await self._take(*await self._loaded())
            except LlmprobeError:
                self._reload_failed = True
                raise
            self._reload_failed = False

    async def close(self) -> None:
        """End what is under way, and write down what has come."""
        self.say_goodbye()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._flights.close()
        if self.is_ready:
            await self._ledger.settle(self.job)

    def say_goodbye(self) -> None:
        """From now on nobody is to go on listening."""
        self.is_closing = True
        self.board.tell(Part.ALL)

    async def ask_all(
        self, pairs: Iterable[tuple[Target, ProbeKind]], deadline_s: float | None = None
    ) -> Sequence[Told]:
        """As `ask`, of several at once."""
        return await asyncio.gather(*(self.ask(target, probe, deadline_s) for target, probe in pairs))

    async def ask(
        self, target: Target, probe: ProbeKind, deadline_s: float | None = None, *, on_schedule: bool = False
    ) -> Told:
        """
        What is to be told of a target now: of a new probe where the guard allows one, else of the last.

        Args:
            deadline_s: Seconds until an answer is due; a probe that takes longer is told as `deadline`.
            on_schedule: The schedule says that it is due, whatever `min_interval` says.
        """
        key = (target.name, probe)
        flight = self._flights.get(key)
        if flight is not None:
            self.guard.count(Hit.SHARED)
        elif (hit := self.guard.admit(key, estimate(target, probe), on_schedule=on_schedule)) is not None:
            self.guard.count(hit)
            return self._unprobed(target, probe, hit)
        else:
            flight = self._flights.start(key, lambda stop: self._fly(target, probe, stop))
        told = await flight.wait(deadline_s)
        return _late(target, probe, deadline_s) if told is None else told

    def known(self, key: Key, hit: Hit | None = None) -> Told | None:
        """What was last found, and how old it is; None before the first probe."""
        standing, paused_s = self.board[key], self.guard.paused_s(key)
        result = standing.verdict if hit in (Hit.PAUSE, Hit.BUDGET) else standing.result
        if result is None:
            return None
        age_s = max(0.0, time.time() - standing.at_utc)
        return Told(result, standing.at_utc, standing.duration_s, age_s, hit, paused_s)

    def _unprobed(self, target: Target, probe: ProbeKind, hit: Hit) -> Told:
        """What is told where the guard allows no probe."""
        key = (target.name, probe)
        if (known := self.known(key, hit)) is not None:
            return known
        paused_s = self.guard.paused_s(key)
        return Told(_unsent(target, probe, hit, paused_s), time.time(), 0.0, 0.0, hit, paused_s)

    async def _fly(self, target: Target, probe: ProbeKind, stop: asyncio.Event) -> Told:
        """One new probe, from the guard to the ledger."""
        key = (target.name, probe)
        began_at_utc, began = time.time(), time.perf_counter()
        result = unsent(target, probe, Category.INTERNAL, "llmprobe failed before it had a result")
        try:
            result = await self._probed(target, probe, stop)
        finally:
            self.guard.end(key, result)
        lasted_s = time.perf_counter() - began
        if self.is_closing and result.category is Category.CANCELLED:
            return Told(result, time.time(), lasted_s)
        if result.category is Category.CANCELLED:
            result = _out_of_time(target, probe, lasted_s)
        self.board.put(key, result, time.time(), lasted_s)
        self._ledger.put(result, began_at_utc)
        self._hear_unrecorded(key, result)
        return Told(result, time.time(), lasted_s, 0.0, None, self.guard.paused_s(key))

    async def _probed(self, target: Target, probe: ProbeKind, stop: asyncio.Event) -> Result:
        tracking = Tracking(self.job.tracking, self.note)
        wanted = replace(target, probes=(probe,))
        if target.thresholds.baselines:
            (wanted,) = await asyncio.to_thread(tracking.prepared, [wanted])
        done = await run([wanted], (), replace(self.job.options, stop=stop))
        if done.results[0].status is not Status.FAILED and done.results[0].category is not Category.SLOW:
            return done.results[0]
        return (await asyncio.to_thread(tracking.with_past, self._with_siblings(done))).results[0]

    def _with_siblings(self, done: Run) -> Run:
        """With what the other probes of the last minutes say of it."""
        (result,) = done.results
        since = time.time() - _SIBLINGS_S
        others = [
            standing.verdict
            for key, standing in self.board
            if standing.verdict and standing.at_utc > since and key != (result.target, result.probe)
        ]
        return replace(done, results=(reconsider([result, *others], self.job.plan.targets)[0],))

    async def _loaded(self) -> tuple[Job, ServeSettings]:
        job, settings = await asyncio.to_thread(self._load)
        asked = job.options
        common = Common(asked.concurrency, asked.per_host, asked.per_key, asked.rate_per_s)
        job = replace(job, options=replace(asked, common=common))
        return await swept(job, self.note), settings

    async def _take(self, job: Job, settings: ServeSettings) -> None:
        self._loaded_now = (job, settings)
        self.targets = {target.name: target for target in job.plan}
        self.guard.change(settings.guard)
        self.board.keep([(target.name, probe) for target in job.plan for probe in target.probes])
        self._reloaded_at_utc = time.time()
        for result in job.known:
            self.board.put((result.target, result.probe), result, time.time(), 0.0)
        await self._recall(job)
        every_s, tokens = settings.every_s, settings.guard.tokens_per_hour
        rhythm = None if every_s is None else Rhythm(every_s, tokens_per_hour=tokens)
        self.driver.change(job.plan.targets, rhythm)

    async def _recall(self, job: Job) -> None:
        """What an earlier process has recorded: the cells, and pauses that have not ended."""
        empty = {key[0] for key, standing in self.board if not standing.cells}
        past = await self._ledger.recall(job, sorted(empty), CELLS)
        for key, standing in self.board:
            if key[0] in past:
                standing.recall([one for one in past[key[0]] if one.probe is key[1]])
        tracking = Tracking(job.tracking, self.note)
        for key, pause in (await asyncio.to_thread(tracking.pauses)).items():
            self.guard.remember(key, pause)

    def _hear_unrecorded(self, key: Key, result: Result) -> None:
        if self.job.tracking.stateful:
            return  # then the history says what is an incident
        rule, bad = self.job.tracking.alerts, is_bad(self.job.options.fail_on)(result)
        if self._unrecorded.hear(
            key, result, time.time(), bad=bad, confirm=rule.confirm, recover=rule.recover
        ):
            self.board.hear_incidents(self._unrecorded.incidents)

    def _also(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.ensure_future(work))


def _late(target: Target, probe: ProbeKind, deadline_s: float | None) -> Told:
    """What one request is told whose time is over, while another still waits for the same probe."""
    return Told(_out_of_time(target, probe, deadline_s or 0.0), time.time(), deadline_s or 0.0)


def _out_of_time(target: Target, probe: ProbeKind, seconds: float) -> Result:
    reason = f"unfinished when the deadline of this request came, after {format_duration(seconds)}"
    hint = "allow a scrape more time (scrape_timeout), or give the target a shorter timeout"
    return unsent(target, probe, Category.DEADLINE, reason, hint)


def _unsent(target: Target, probe: ProbeKind, hit: Hit, paused_s: float) -> Result:
    """Where the guard allows no probe and none was made before."""
    if hit is Hit.BUDGET:
        reason = "the tokens that may be spent in an hour are spent; nothing was sent"
        return unsent(target, probe, Category.BUDGET, reason, "raise tokens_per_hour, or probe less often")
    reason = f"a pause was asked for, of which {format_duration(paused_s)} are left; nothing was sent"
    return unsent(target, probe, Category.BACKOFF, reason)
