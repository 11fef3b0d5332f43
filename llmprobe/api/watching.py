"""`watch` for Python programs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from llmprobe.api.probing import ConfigPath, _log, _path
from llmprobe.api.targets import Targets, plan_of
from llmprobe.config.alerts import AlertSettings
from llmprobe.config.otlp import otlp_settings
from llmprobe.model import Group
from llmprobe.model.watching import Update
from llmprobe.monitor.job import Job, options_for, parse_fail_on, tracking_for


async def watch(
    targets: Targets = None,
    *,
    config: ConfigPath = None,
    groups: Sequence[Group] | None = None,
    every_s: float = 30.0,
    for_s: float | None = None,
    count: int | None = None,
    tokens_per_hour: int | None = None,
    samples: int = 1,
    warm: bool = False,
    concurrency: int | None = None,
    fail_on: str = "failed",
    record: bool | None = None,
    db: ConfigPath = None,
    max_models: int = 50,
    alerts: AlertSettings | None = None,
    otlp: bool = False,
    on_note: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Update, None]:
    """
    Probe targets again and again: what `llmprobe watch` does, with the same schedule, history and alerts.

    Nothing is probed while the program keeps an update for itself: what takes long belongs into a task.

    Args:
        targets, config, groups, samples, warm, concurrency, fail_on, record, db, max_models, alerts,
            otlp, on_note: As in `check`. `alerts` also says how many failures in a row are a change
            (`confirm`).
        every_s: Seconds from one probe of a target to its next; sooner after a failure, later where a
            server asks for a pause or the budget is small.
        for_s: Seconds after which it ends; None for never.
        count: Probes of each target after which it ends.
        tokens_per_hour: What all probes may use in any hour, in tokens.
        stop: Ends it at once.

    Yields:
        An update for what has just been found: `run.results` are new, the conclusion and the exit code of
        `run` are of the last results of all targets, `changes` are incidents that began or ended, and
        `worst` is the worst exit code of any round.

    Raises:
        ConfigError, UsageError, SecretError: Before any probe is sent.
        BusyError: A run of the same configuration that alerts is still going on.

    Example:
        >>> import llmprobe
        >>> async def main():
        ...     async for update in llmprobe.watch("claude", every_s=30.0, for_s=3600.0):
        ...         for change in update.changes:
        ...             print(change.kind, change.incident.target, change.reason)
    """
    from llmprobe.monitor.schedule import Rhythm
    from llmprobe.monitor.watch import Watch, all_listed

    plan = plan_of(targets, config, groups)
    options = options_for(
        plan,
        samples=samples,
        warm=warm,
        concurrency=concurrency,
        fail_on=parse_fail_on(fail_on, "fail_on"),
        stop=stop,
    )
    export = otlp_settings(True, os.environ) if otlp else None
    tracking = tracking_for(plan, db=_path(db), record=record, alerts=alerts, otlp=export)
    note = on_note or _log
    job = await all_listed(Job(plan, options, tracking), note, most=max_models)
    rhythm = Rhythm(every_s, tokens_per_hour=tokens_per_hour)
    async with aclosing(Watch(job, rhythm, note, for_s=for_s, count=count).updates()) as updates:
        async for update in updates:
            yield update
