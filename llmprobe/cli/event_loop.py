"""The event loop of a command: with the garbage collector that was off until then, and with signals."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

from llmprobe.cli.signals import SIGNALS
from llmprobe.model import ExitCode

T = TypeVar("T")


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """
    Run to the end, with the collector on meanwhile.

    What the imports left behind is frozen first: the first collection would search all of it,
    14 ms of the time to the first request (measured).
    """
    gc.freeze()
    gc.enable()
    try:
        return asyncio.run(work)
    finally:
        gc.disable()


class Signals:
    """
    What signals mean while an event loop runs: the first sets `stop`. From the end of the context, or
    from `release` on, the command is finishing, and no signal cuts off what it writes.

    Attributes:
        stop: Set by the first signal.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self._code: ExitCode | None = None
        self._is_settled = False

    def __enter__(self) -> Signals:
        self._call(self.stop.set)
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    @property
    def code(self) -> ExitCode | None:
        """
        The exit code of the signal that ended the probing; None where none did.

        It is settled when it is first asked for: a report and the process end with the same code.
        """
        if not self._is_settled:
            self._is_settled = True
            self._code = ExitCode(SIGNALS.code) if SIGNALS.code else None
        return self._code

    def release(self) -> None:
        """The probing is over: settle the code, and let signals wait for the end."""
        _ = self.code
        SIGNALS.on_signal(None)
        SIGNALS.finishing()

    def cancel(self, task: asyncio.Task[Any] | None) -> None:
        """From now on a signal, also one that has come, cancels the task."""
        if task is not None:
            self._call(task.cancel)

    def _call(self, what: Any) -> None:
        loop = asyncio.get_running_loop()
        SIGNALS.on_signal(lambda: loop.call_soon_threadsafe(what))
