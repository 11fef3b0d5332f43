"""A prober on a socket, and what signals mean to it: SIGHUP reads the configuration again, others end it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from llmprobe.cli.screen import Screen
from llmprobe.config.serve import Listen
from llmprobe.errors import LlmprobeError, UsageError
from llmprobe.monitor.prober import Prober
from llmprobe.serving.asgi import application
from llmprobe.serving.gate import LOOPBACK
from llmprobe.serving.running import run_on

_BACKLOG = 1024


@contextmanager
def listening_on(where: Listen) -> Iterator[socket.socket]:
    """Raises UsageError where nothing can listen."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        listening = socket.create_server((where.host, where.port), family=family, backlog=_BACKLOG)
    except OSError as exc:
        raise UsageError(
            f"cannot listen on {where.host}:{where.port}: {exc.strerror}", "--listen names another address"
        ) from None
    with listening:
        yield listening


async def serve_until_stopped(prober: Prober, listening: socket.socket, screen: Screen) -> None:
    """Until SIGTERM or Ctrl-C; a second one ends it at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, stop, 128 + number)
    reloading: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.ensure_future(_reload(prober, screen))
        reloading.add(task)
        task.add_done_callback(reloading.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    where = prober.settings.listen
    names = (*LOOPBACK, where.host) if where.is_loopback else ()
    hosts = (*prober.settings.hosts, *names) if names or prober.settings.hosts else ()
    if not where.is_loopback:
        screen.note(f"warning: {where.host} can be reached from other machines, and there is no password")
    app = application(prober, hosts)
    await run_on(listening, app, stop, on_ready=lambda: _told(prober, listening, screen))


def _end(stop: asyncio.Event, code: int) -> None:
    if stop.is_set():
        os._exit(code)
    stop.set()


async def _reload(prober: Prober, screen: Screen) -> None:
    try:
        await prober.reload()
    except LlmprobeError as exc:
        screen.note(f"error: the configuration was not reloaded: {exc.message}")
    else:
        screen.note(f"reloaded: {len(prober.job.plan)} targets")


def _told(prober: Prober, listening: socket.socket, screen: Screen) -> None:
    host, port = listening.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    screen.note(f"serving {len(prober.job.plan)} targets on {url} (probe, metrics)")
