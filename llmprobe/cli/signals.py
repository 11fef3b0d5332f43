"""Ctrl-C and SIGTERM: the first ends the probing and reports, the second ends the process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from llmprobe.model import ExitCode

_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


class Signals:
    """
    Signals of this process while an event loop runs.

    Attributes:
        stop: Set by the first signal.
        code: The exit code of the signal that came; None where none did.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.code: ExitCode | None = None

    def __enter__(self) -> Signals:
        for signum, code in _CODES.items():
            asyncio.get_running_loop().add_signal_handler(signum, self._handle, code)
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    def release(self) -> None:
        """From now on a signal ends the process, as usual."""
        for signum in _CODES:
            asyncio.get_running_loop().remove_signal_handler(signum)

    def _handle(self, code: ExitCode) -> None:
        if self.code is not None:
            os._exit(int(code))
        self.code = code
        print("\ninterrupted: reporting what is finished (again to quit at once)", file=sys.stderr)
        self.stop.set()
