"""A prober on a socket: what signals mean to it, and what the service manager is told."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from llmprobe.cli.screen import Screen
from llmprobe.cli.sd_notify import Systemd
from llmprobe.cli.service import alive, reloading
from llmprobe.config.serve import Listen
from llmprobe.counts import counted
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
    loop, stop, systemd = asyncio.get_running_loop(), asyncio.Event(), Systemd()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, stop, 128 + number)
    if not prober.settings.listen.is_loopback:
        host = prober.settings.listen.host
        screen.note(f"warning: {host} can be reached from other machines, and there is no password")

    def answering() -> None:
        targets = counted(len(prober.job.plan), "target")
        screen.note(f"serving {targets} on {_url(listening)} (probe, metrics)")
        systemd.ready(f"serving {targets}")

    with ExitStack() as stack:
        stack.callback(systemd.stopping)
        stack.enter_context(alive(systemd))
        reload = _Reload(prober, screen, systemd)
        stack.enter_context(reloading(reload.soon, systemd))
        await run_on(listening, application(prober, _names(prober)), stop, on_ready=answering)


def _names(prober: Prober) -> Sequence[str]:
    """By which it may be called; none for any name."""
    where, more = prober.settings.listen, prober.settings.hosts
    if where.is_loopback:
        return (*LOOPBACK, where.host, *more)
    return (where.host, *more) if more else ()


def _end(stop: asyncio.Event, code: int) -> None:
    if stop.is_set():
        os._exit(code)
    stop.set()


class _Reload:
    """Reads the configuration again, in the background."""

    def __init__(self, prober: Prober, screen: Screen, systemd: Systemd) -> None:
        self._prober = prober
        self._screen = screen
        self._systemd = systemd
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self) -> None:
        task = asyncio.ensure_future(self._reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload(self) -> None:
        try:
            await self._prober.reload()
            told = f"reloaded: {counted(len(self._prober.job.plan), 'target')}"
        except LlmprobeError as exc:
            told = f"error: the configuration was not reloaded: {exc.message}"
        self._screen.note(told)
        self._systemd.ready(told)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
