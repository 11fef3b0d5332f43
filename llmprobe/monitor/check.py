"""One check: a run, with its history before it and its alerts after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from llmprobe.engine.outcome.exit_code import FailOn
from llmprobe.engine.outcome.merge import concluded
from llmprobe.engine.run import run
from llmprobe.model import ExitCode, Pause, ProbeKind, Result, Run, Status, Target
from llmprobe.monitor.job import Job
from llmprobe.monitor.stopping import unless
from llmprobe.monitor.tracking import Note, Tracking

T = TypeVar("T")

if TYPE_CHECKING:
    from llmprobe.model.past import Change

    OnRun = Callable[[Run, Sequence[Change] | None], None]


async def check(
    job: Job,
    note: Note,
    *,
    on_run: OnRun | None = None,
    interrupted: Callable[[], ExitCode | None] = lambda: None,
) -> Run:
    """
    Probe, conclude, record and alert.

    What SQLite does for a series of runs is done in a thread: the event loop goes on.

    Args:
        note: Hears of trouble beside the probes, in one sentence each.
        on_run: Hears of the run before alerts go out, which may take a while. With `on_change` also of
            what has changed since it was last called; None where that is not known.
        interrupted: The exit code of what ended the run early, if something did.

    Raises:
        BusyError: A run of the same configuration that alerts is still going on.
    """
    tracking = Tracking(job.tracking, note)
    aside = asyncio.to_thread if job.tracking.stateful else _at_once
    with tracking.lock():
        done = await probed(job, tracking)
        done = replace(done, exit_code=interrupted() or done.exit_code)
        await aside(tracking.record, done, is_bad(job.options.fail_on))
        if on_run is not None:
            news = await aside(tracking.news) if job.tracking.on_change else None
            on_run(done, news)
            await aside(tracking.printed, news or [])
        await tracking.tell()
    return done


async def probed(job: Job, tracking: Tracking) -> Run:
    """Probe and conclude, with what the past says before it and after it; nothing is recorded."""
    aside = asyncio.to_thread if job.tracking.stateful else _at_once
    targets = await aside(tracking.prepared, job.plan.targets)
    done = await _probed(job, targets, await aside(tracking.pauses))
    return await aside(tracking.with_past, done)


async def _at_once(ask: Callable[..., T], *args: Any) -> T:
    """Without a thread, which takes milliseconds to import: a run of no series hardly asks."""
    return ask(*args)


async def _probed(job: Job, targets: Sequence[Target], pauses: Mapping[tuple[str, ProbeKind], Pause]) -> Run:
    options = replace(job.options, pauses=pauses)
    done = await run(targets, job.plan.groups, options)
    if job.known:
        if options.on_result is not None:
            for result in job.known:
                options.on_result(result)
        done = concluded(done, [*done.results, *job.known], job.plan.groups, options.fail_on)
    return await unless(options.stop, _with_pages(job, done, targets), done) if job.with_pages else done


async def _with_pages(job: Job, done: Run, targets: Sequence[Target]) -> Run:
    """The run with what the providers' own pages say, read after it so that no clock is disturbed."""
    from llmprobe.engine.outcome.outside import with_outside
    from llmprobe.statuspages import page_of, read_pages, speaks_for
    from llmprobe.statuspages.upstreams import read_upstreams

    sources = {target.name: page for target in targets if (page := page_of(target)) is not None}
    once = list(dict.fromkeys(sources.values()))
    failed = {result.target for result in done.results if result.status is Status.FAILED}
    readings, upstreams = await asyncio.gather(
        read_pages(once), read_upstreams([target for target in targets if target.name in failed])
    )
    read = dict(zip(once, readings, strict=True))
    pages = {t.name: read[sources[t.name]] for t in targets if t.name in sources and speaks_for(t)}
    results = with_outside(done.results, pages, upstreams)
    done = replace(done, pages=tuple(readings))
    return concluded(done, results, job.plan.groups, job.options.fail_on) if failed else done


def is_bad(fail_on: FailOn) -> Callable[[Result], bool]:
    """What opens an incident: what makes a run red. With `never`, what has failed."""
    return FailOn().counts if fail_on.never else fail_on.counts
