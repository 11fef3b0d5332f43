"""What commands that go on for long have in common: signs of life, and SIGHUP for a new configuration."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llmprobe.cli.sd_notify import Systemd


@contextmanager
def alive(systemd: Systemd) -> Iterator[None]:
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
def reloading(reload: Callable[[], None], systemd: Systemd) -> Iterator[None]:
    """SIGHUP calls `reload` in the loop; where our terminal has gone, it ends the command."""
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
            reload()

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
