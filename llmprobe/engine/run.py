"""A run: every probe of every target, at once within limits, and the conclusion."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from llmprobe.counts import counted
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.cross_check import reconsider
from llmprobe.engine.outcome.exit_code import FailOn
from llmprobe.engine.outcome.merge import concluded
from llmprobe.engine.outcome.results import paused, unsent
from llmprobe.engine.probing import slots
from llmprobe.engine.probing.adapt import Lessons
from llmprobe.engine.probing.budget import Budget
from llmprobe.engine.probing.common import MAX_STREAMING, Common
from llmprobe.engine.probing.pace import LagMeter, Pace
from llmprobe.engine.probing.probe import OnExchange, run_probe
from llmprobe.engine.probing.slots import Slots
from llmprobe.foreign import clean_lines
from llmprobe.model import (
    Category,
    ExitCode,
    Group,
    Pause,
    ProbeKind,
    Result,
    Run,
    SelfFacts,
    Status,
    Target,
)
from llmprobe.transport.descriptors import room_for
from llmprobe.transport.network import stamps
from llmprobe.transport.warmup import warm_up
from llmprobe.version import __version__

_QUEUED_AT_ONCE = 4
"""Between these the loop turns: the first of a thousand are under way while the last join the queue."""


class Options(Struct):
    """
    How to run. `concurrency` None: as many probes at once as this machine carries.

    `on_result` hears of each result as it arrives, `on_bug` of our own failures. `pauses` are
    (target, probe) that must not be sent now, and why. `common` is what several runs share.
    """

    concurrency: int | None = None
    per_host: int = 16
    per_key: int | None = None
    rate_per_s: float | None = None
    samples: int = 1
    fail_on: FailOn = field(default_factory=FailOn)
    max_tokens_total: int | None = None
    max_cost_usd: float | None = None
    deadline_s: float | None = None
    pauses: Mapping[tuple[str, ProbeKind], Pause] = field(default_factory=dict)
    warm: bool = False
    stock_network: bool = False
    notes: Sequence[str] = ()
    on_start: Callable[[Target, ProbeKind], None] | None = None
    on_result: Callable[[Result], None] | None = None
    on_bug: Callable[[str], None] | None = None
    on_exchange: OnExchange | None = None
    stop: asyncio.Event | None = None
    common: Common | None = None


async def run(targets: Sequence[Target], groups: Sequence[Group] = (), options: Options | None = None) -> Run:
    """
    Probe all targets and conclude.

    Args:
        targets: Names must be unique.
        groups: Of names among the targets.
        options: Limits, samples, listeners; `stop` ends the run early.

    Returns:
        Results in the order of targets and their probes, whatever order they came in.
    """
    return await _Runner(targets, groups, options or Options()).run()


class _Runner:
    def __init__(self, targets: Sequence[Target], groups: Sequence[Group], options: Options) -> None:
        self._jobs = [(target, probe) for target in targets for probe in target.probes]
        self._groups = groups
        self._options = options
        self._budget = Budget(options.max_tokens_total, options.max_cost_usd)
        common = options.common
        self._lessons = common.lessons if common else Lessons()
        self._begun: set[tuple[str, ProbeKind]] = set()
        self._out_of_time = False
        self._notes = tuple(options.notes)
        self._slots = common.slots if common else self._new_slots()
        self._lag = common.lag if common else LagMeter(self._slots.heard)
        self._pace = (
            common.pace
            if common
            else Pace(
                self._slots,
                options.per_host,
                per_key=options.per_key,
                rate_per_s=options.rate_per_s,
                lag=self._lag,
            )
        )

    def _new_slots(self) -> Slots:
        """One for each job at most; streams are kept fewer, since two tokens in one read share a stamp."""
        asked, jobs = self._options.concurrency, self._jobs
        bounds = [asked or slots.MOST, max(1, len(jobs))]
        if any(probe is ProbeKind.STREAM for _, probe in jobs):
            bounds.append(MAX_STREAMING)
        wanted = min(bounds)
        at_once = room_for(wanted)
        if at_once < (wanted if asked else min(wanted, slots.FIRST)):
            few = f"only {counted(at_once, 'probe')} at once, not {wanted}"
            self._notes += (f"{few}: this machine allows no more open files (ulimit -n)",)
        return Slots(at_once, adaptive=asked is None)

    async def run(self) -> Run:
        warm_up([target for target, _ in self._jobs], stock_network=self._options.stock_network)
        if self._options.stock_network or not stamps.are_there():
            self._slots.bearable = slots.LOOP_CLOCK
        started_at_utc, started = time.time(), time.perf_counter()
        with self._lag as lag:
            results = reconsider(await self._all(), [target for target, _ in self._jobs])
        bare = Run(
            version=__version__,
            started_at_utc=started_at_utc,
            duration_s=time.perf_counter() - started,
            status=Status.HEALTHY,
            conclusion="",
            exit_code=ExitCode.OK,
            results=(),
            notes=self._notes,
            self_facts=SelfFacts(
                _clock(results),
                None if self._options.common else lag.p99_s,
                lag.since(started) if self._options.common else lag.max_s,
                self._slots.peak,
                self._slots.limit,
                self._slots.adaptive,
            ),
        )
        return concluded(bare, results, self._groups, self._options.fail_on)

    async def _all(self) -> list[Result]:
        tasks: list[asyncio.Task[Result]] = []
        began = time.perf_counter()
        try:
            await self._queue(tasks)
            await self._wait(tasks, time.perf_counter() - began)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [
            task.result() if not task.cancelled() else self._unfinished(target, probe)
            for task, (target, probe) in zip(tasks, self._jobs, strict=True)
        ]

    async def _queue(self, tasks: list[asyncio.Task[Result]]) -> None:
        for number, (target, probe) in enumerate(self._jobs):
            tasks.append(asyncio.ensure_future(self._one(target, probe)))
            if number % _QUEUED_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _wait(self, tasks: Sequence[asyncio.Task[Result]], spent_s: float) -> None:
        """Until all are done, the deadline comes or somebody says stop: what is finished is kept."""
        if not tasks:
            return
        deadline_s = self._options.deadline_s
        left_s = None if deadline_s is None else max(0.0, deadline_s - spent_s)
        waiting: list[asyncio.Future[Any]] = [asyncio.gather(*tasks, return_exceptions=True)]
        if self._options.stop:
            waiting.append(asyncio.ensure_future(self._options.stop.wait()))
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=left_s)
            self._out_of_time = not done
        finally:
            for future in waiting[1:]:
                future.cancel()

    async def _one(self, target: Target, probe: ProbeKind) -> Result:
        if (pause := self._options.pauses.get((target.name, probe))) is not None:
            return self._heard(paused(target, probe, pause))
        key, host, slot = self._pace.gates(_host_of(target), _key_of(target))
        async with key, host, slot:
            self._begun.add((target.name, probe))
            if self._options.on_start:
                self._options.on_start(target, probe)
            result = await self._guarded(target, probe)
        return self._heard(result)

    def _heard(self, result: Result) -> Result:
        if result.clock is not None:
            self._slots.bearable = slots.KERNEL_CLOCK if result.clock == "kernel" else slots.LOOP_CLOCK
        if self._options.on_result:
            self._options.on_result(result)
        return result

    async def _guarded(self, target: Target, probe: ProbeKind) -> Result:
        """A bug of ours is a result too: it says so, blames nobody, and stops nobody."""
        try:
            return await run_probe(
                target,
                probe,
                samples=self._options.samples,
                pace=self._pace,
                budget=self._budget,
                lessons=self._lessons,
                warm=self._options.warm,
                stock_network=self._options.stock_network,
                on_exchange=self._options.on_exchange,
            )
        except Exception as exc:
            if self._options.on_bug:
                self._options.on_bug(clean_lines(traceback.format_exc()))
            reason = f"llmprobe failed: {type(exc).__name__}"
            return unsent(target, probe, Category.INTERNAL, reason)

    def _unfinished(self, target: Target, probe: ProbeKind) -> Result:
        if not self._out_of_time:
            return unsent(target, probe, Category.CANCELLED, "interrupted before it was finished")
        what = "unfinished" if (target.name, probe) in self._begun else "not begun"
        deadline = format_duration(self._options.deadline_s)
        return unsent(target, probe, Category.DEADLINE, f"{what} when the run's deadline of {deadline} came")


def _host_of(target: Target) -> str:
    """Host and port, as they stand in the URL."""
    return target.base_url.partition("//")[2].partition("/")[0]


def _key_of(target: Target) -> int:
    """Targets with the same credential share its limit; those without have one of their own each."""
    return hash(target.credential.secret) if target.credential else hash(target.name)


def _clock(results: Sequence[Result]) -> str:
    """`kernel` only where every answer carried the kernel's stamps."""
    clocks = {r.clock for r in results if r.clock is not None}
    return "kernel" if clocks == {"kernel"} else "user"
