"""A watch as a command: what signals mean to it, what the service manager is told, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing

from msgspec import Struct

from llmprobe.cli.event_loop import Signals
from llmprobe.cli.screen import Screen
from llmprobe.cli.sd_notify import Systemd
from llmprobe.cli.service import alive, reloading
from llmprobe.cli.watch_faces import Shown, shown_on
from llmprobe.monitor.job import Job
from llmprobe.monitor.schedule import Rhythm
from llmprobe.monitor.tracking import Note
from llmprobe.monitor.watch import Watch


class Watching(Struct, frozen=True):
    """
    What a command line asks for.

    Attributes:
        plan: Makes the job: at the start, and when the configuration is to be read again. It takes what
            stops the job, and where its warnings go.
        as_lines: NDJSON: each result and each change on a line.
        quiet: Changes alone: no screen, no summary.
    """

    plan: Callable[[asyncio.Event, Note], Awaitable[Job]]
    rhythm: Rhythm
    for_s: float | None = None
    count: int | None = None
    as_lines: bool = False
    quiet: bool = False


async def run_watch(asked: Watching, screen: Screen) -> int:
    """Returns the exit code: of the worst round, or of the signal that ended it. Raises LlmprobeError."""
    with Signals() as signals:
        shown = shown_on(screen, as_lines=asked.as_lines, quiet=asked.quiet)
        job = await asked.plan(signals.stop, shown.note)
        watch = Watch(
            job,
            asked.rhythm,
            shown.note,
            for_s=asked.for_s,
            count=asked.count,
            replan=lambda: asked.plan(signals.stop, shown.note),
        )
        await _watched(watch, shown, signals.stop, len(job.plan))
        signals.release()
        shown.end(watch)
        return int(signals.code or watch.worst)


async def _watched(watch: Watch, shown: Shown, stop: asyncio.Event, targets: int) -> None:
    systemd = Systemd()

    def reload() -> None:
        watch.reload(lambda: systemd.ready(watch.rows.conclusion))

    async with AsyncExitStack() as stack:
        stack.callback(systemd.stopping)
        stack.enter_context(shown.open(watch, stop))
        stack.enter_context(reloading(reload, systemd))
        stack.enter_context(alive(systemd))
        systemd.ready(f"watching {targets} targets")
        updates = await stack.enter_async_context(aclosing(watch.updates()))
        async for update in updates:
            shown.take(update)
            systemd.status(update.run.conclusion)
