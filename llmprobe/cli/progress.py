"""A line on standard error while waiting: what is done, what is waited for, how long."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections import Counter
from typing import Any

_EVERY_S = 0.1
_PATIENCE_S = 0.3


class Progress:
    """Silent where standard error is no terminal, and for runs that are over at once."""

    def __init__(self, total: int, *, enabled: bool = True, stream: Any = None) -> None:
        self._stream = stream or sys.stderr
        self._enabled = enabled and can_redraw(self._stream)
        self._total = total
        self._done = 0
        self._waiting: Counter[str] = Counter()
        self._started = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Progress:
        if self._enabled:
            self._task = asyncio.ensure_future(self._draw_again_and_again())
        return self

    def __exit__(self, *exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            self.clear()

    def started(self, name: str) -> None:
        self._waiting[name] += 1

    def finished(self, name: str) -> None:
        self._done += 1
        self._waiting[name] -= 1

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._enabled:
            overwrite(self._stream, "")

    def line(self) -> str:
        """`3/10 probed, 1.2 s, waiting for claude, gateway`, cut to the terminal's width."""
        waiting = [name for name, count in self._waiting.items() if count > 0]
        text = f"{self._done}/{self._total} probed, {time.monotonic() - self._started:.1f} s"
        if waiting:
            text += f", waiting for {', '.join(waiting)}"
        return cut_to_terminal(text)

    async def _draw_again_and_again(self) -> None:
        await asyncio.sleep(_PATIENCE_S)
        while True:
            overwrite(self._stream, self.line())
            await asyncio.sleep(_EVERY_S)


def can_redraw(stream: Any) -> bool:
    """Whether a line may be drawn again: on a terminal that knows how to take one away."""
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def cut_to_terminal(text: str) -> str:
    """What fits into one line of the terminal."""
    limit = shutil.get_terminal_size((80, 24)).columns - 1
    return text if len(text) <= limit else text[: max(0, limit - 3)] + "..."


def overwrite(stream: Any, text: str) -> None:
    """`text` in the place of the line that was drawn before; "" takes it away."""
    stream.write(f"\r\x1b[2K{text}")
    stream.flush()
