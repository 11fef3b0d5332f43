"""
SIGINT, SIGTERM and SIGHUP, from the command's first line to its last byte.

Before anything was measured a signal ends the command at once. While it probes, the first one asks
for an early end with a report. Once the report is being made or written, nothing is cut off any more.
A second signal ends the command at once, whatever it does.
"""

from __future__ import annotations

# What `signal` wraps into enums: until the handlers stand, nothing is imported that takes time.
import _signal as signal  # type: ignore[import-not-found]
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_INTERRUPTED, _TERMINATED = 130, 143
_SAME_S = 0.3
"""`timeout` and service managers signal a process and its group: what comes that soon is the same request."""


class Handlers:
    """
    The handlers of the process.

    Attributes:
        code: The exit code that the first signal asks for, or None.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self._first_at = 0.0
        self._stop: Callable[[], object] | None = None
        self._finishing = False
        self._restore: list[Callable[[], object]] = []

    def install(self) -> None:
        """Take the signals that the caller has not told us to ignore (`nohup`, jobs in the background)."""
        for name, code in (("SIGINT", _INTERRUPTED), ("SIGTERM", _TERMINATED), ("SIGHUP", _TERMINATED)):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_, code=code: self._came(code))

    def on_signal(self, stop: Callable[[], object] | None) -> None:
        """Call this at the first signal, or at once where that has come; None calls nothing."""
        self._stop = stop
        if self.code is not None and stop is not None:
            stop()

    def finishing(self) -> None:
        """From now on the first signal waits for the end of the command."""
        self._finishing = True

    def restoring(self, restore: Callable[[], object]) -> None:
        """Call this before a signal ends the command at once: a terminal must be as it was."""
        self._restore.append(restore)

    def restored(self) -> None:
        """All is as it was: nothing is to be called any more."""
        self._restore.clear()

    def _quit(self, code: int) -> None:
        for restore in self._restore:
            restore()
        os._exit(code)

    def _came(self, code: int) -> None:
        if self.code is not None:
            if time.monotonic() - self._first_at > _SAME_S:
                self._quit(self.code)
            return
        self.code, self._first_at = code, time.monotonic()
        if self._stop is not None:
            _tell("\ninterrupted: reporting what is finished (again to quit at once)\n")
            self._stop()
        elif not self._finishing:
            self._quit(code)


def _tell(text: str) -> None:
    """Straight to the descriptor: the stream may be in the middle of a write."""
    try:
        os.write(sys.stderr.fileno(), text.encode())
    except (OSError, ValueError):
        return


SIGNALS = Handlers()
"""The process's own."""
