"""A watch as a command: what signals mean to it, what the service manager is told, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

from msgspec import Struct

from llmprobe.cli.event_loop import Signals
from llmprobe.cli.screen import Screen
from llmprobe.cli.sd_notify import Systemd
from llmprobe.cli.watch_faces import Shown, shown_on
from llmprobe.monitor.job import Job
from llmprobe.monitor.schedule import Rhythm
from llmprobe.monitor.watch import Watch


class Watching(Struct, frozen=True):
    """
    What a command line asks for.

    Attributes:
        plan: Makes the job: at the start, and when the configuration is to be read again.
        as_lines: NDJSON: each result and each change on a line.
        quiet: Changes alone: no screen, no summary.
    """

    plan: Callable[[asyncio.Event], Awaitable[Job]]
    rhythm: Rhythm
    for_s: float | None = None
    count: int | None = None
    as_lines: bool = False
    quiet: bool = False


async def run_watch(asked: Watching, screen: Screen) -> int:
    """Returns the exit code: of the worst round, or of the signal that ended it. Raises LlmprobeError."""
    with Signals() as signals:
        shown = shown_on(screen, as_lines=asked.as_lines, quiet=asked.quiet)
        job = await asked.plan(signals.stop)
        watch = Watch(
            job,
            asked.rhythm,
            shown.note,
            for_s=asked.for_s,
            count=asked.count,
            replan=lambda: asked.plan(signals.stop),
        )
        await _watched(watch, shown, signals.stop, len(job.plan))
        signals.release()
        shown.end(watch)
        return int(signals.code or watch.worst)


async def _watched(watch: Watch, shown: Shown, stop: asyncio.Event, targets: int) -> None:
    systemd = Systemd()
    with ExitStack() as stack:
        stack.callback(systemd.stopping)
        stack.enter_context(shown.open(watch, stop))
        stack.enter_context(_reloading(watch, systemd))
        stack.enter_context(_alive(systemd))
        systemd.ready(f"watching {targets} targets")
        async for update in watch.updates():
            shown.take(update)
            systemd.ready(update.run.conclusion)


@contextmanager
def _alive(systemd: Systemd) -> Iterator[None]:
    """Say so again and again, from the loop that probes: one that hangs is silent."""
    every_s = systemd.alive_every_s
    if every_s is None:
        yield
        return

    async def tell() -> None:
        while True:
            systemd.alive()
            await asyncio.sleep(every_s)

    task = asyncio.ensure_future(tell())
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def _reloading(watch: Watch, systemd: Systemd) -> Iterator[None]:
    """SIGHUP reads the configuration again; where our terminal has gone it ends the watch."""
    number = getattr(signal, "SIGHUP", None)
    if number is None or signal.getsignal(number) == signal.SIG_IGN:
        yield
        return
    loop, had_terminal = asyncio.get_running_loop(), _has_terminal()

    def heard() -> None:
        if had_terminal and not _has_terminal():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            systemd.reloading()
            watch.reload()

    before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard))
    try:
        yield
    finally:
        signal.signal(number, before)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
