"""Keys that are typed while a screen is redrawn: no Return is needed, and none is shown."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from llmprobe.cli.signals import SIGNALS


@contextmanager
def typed(on_key: Callable[[str], None]) -> Iterator[bool]:
    """
    Hear of each key; the terminal is as it was afterwards. Ctrl-C stays a signal.

    Yields:
        Whether there is a terminal to type on.
    """
    try:
        import termios
        import tty

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        if os.tcgetpgrp(terminal) != os.getpgrp():
            raise OSError("another program has the keyboard: to touch it would stop us")
    except Exception:  # no Unix, no standard input, or no terminal: then there is nothing to hear
        yield False
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        text = b""
        with suppress(OSError):
            text = os.read(terminal, 64)
        if not text:  # the terminal has gone: it would be readable for ever
            loop.remove_reader(terminal)
        for key in text.decode("utf-8", "ignore"):
            on_key(key)

    def restore() -> None:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)

    SIGNALS.restoring(restore)
    try:
        tty.setcbreak(terminal)
        loop.add_reader(terminal, read)
        yield True
    finally:
        loop.remove_reader(terminal)
        restore()
