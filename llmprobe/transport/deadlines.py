"""Five deadlines over one exchange, each known by name when it strikes."""

from __future__ import annotations

import asyncio
import time

from llmprobe.model import FailureKind, Phase, Timeouts

_CONNECTING = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS)
_LATE_S = 0.05
_GRACE_S = 0.1


class DeadlineError(TimeoutError):
    """A deadline passed while bytes were being read."""


class Deadlines:
    """
    Moves one timeout along with the phases.

    A phase is bounded by its own limit, by that of the first token (counted from the start, as the one who
    waits for it counts) and by the total; where two fall together the phase's own name is told, since it
    says more. Heartbeats move nothing: only `content()` restarts the stall clock. The loop's timer is
    moved only where a deadline comes nearer; one that has moved away is found out when the timer strikes.
    Whoever reads without waiting asks with `ask()`.
    """

    def __init__(self, timeouts: Timeouts, started: float, *, streaming: bool) -> None:
        self._limits = timeouts
        self._started = started
        self._awaits_token = streaming
        self._loop = asyncio.get_running_loop()
        self._offset = self._loop.time() - time.perf_counter()
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0
        self._excused = False
        self.kind = FailureKind.TOTAL_TIMEOUT
        self.limit_s = timeouts.total_s

    def open(self) -> asyncio.Timeout:
        """The context to run the exchange in; `close` ends it."""
        return self._timeout

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def ask(self) -> None:
        """Raises DeadlineError when the deadline in force has passed."""
        if self._loop.time() >= self._at and not self._is_excused():
            raise DeadlineError

    def enter(self, phase: Phase) -> None:
        """A phase begins: its limit comes into force."""
        if phase in _CONNECTING:
            self._bind(FailureKind.CONNECT_TIMEOUT, self._limits.connect_s, self._started)
        elif phase in (Phase.SEND, Phase.HEADERS):
            self._bind(FailureKind.HEADERS_TIMEOUT, self._limits.headers_s, time.perf_counter())
        elif phase is Phase.FIRST_TOKEN and self._awaits_token:
            self._bind(FailureKind.FIRST_TOKEN_TIMEOUT, self._limits.first_token_s, self._started)
        else:
            self._bind(FailureKind.TOTAL_TIMEOUT, None, self._started)

    def content(self, at: float) -> None:
        """A piece of content came: the silence begins anew."""
        self._awaits_token = False
        limit = self._limits.stall_s
        if limit is None:
            self._bind(FailureKind.TOTAL_TIMEOUT, None, self._started)
        else:
            self._bind(FailureKind.STALL_TIMEOUT, limit, at)

    def linger(self, seconds: float) -> None:
        """All that matters has come: the rest gets this long and no longer."""
        self._move(self._loop.time() + seconds)

    def _bind(self, kind: FailureKind, limit_s: float | None, origin: float) -> None:
        """The earliest limit strikes, where two fall together the more telling one."""
        token_s, total_s = self._limits.first_token_s, self._limits.total_s
        at, self.limit_s = self._started + total_s, total_s
        self.kind = kind if limit_s is None else FailureKind.TOTAL_TIMEOUT
        if self._awaits_token and token_s is not None and self._started + token_s <= at:
            at, self.limit_s = self._started + token_s, token_s
            still = kind is FailureKind.CONNECT_TIMEOUT
            self.kind = kind if still else FailureKind.FIRST_TOKEN_TIMEOUT
        if limit_s is not None and origin + limit_s <= at:
            at, self.kind, self.limit_s = origin + limit_s, kind, limit_s
        self._move(at + self._offset)

    def _move(self, at: float) -> None:
        self._at = at
        if self._timer is None or at < self._timer.when():
            self.close()
            self._timer = self._loop.call_at(at, self._strike)

    def _strike(self) -> None:
        self._timer = None
        now = self._loop.time()
        if now < self._at or self._is_excused():
            self._move(self._at)
        else:
            self._timeout.reschedule(now)

    def _is_excused(self) -> bool:
        """
        A strike that comes late says that the loop was held up: what came in time may be waiting to be
        read, and gets a moment more, once.
        """
        late_s = self._loop.time() - self._at
        if late_s < _LATE_S or self._excused:
            return False
        self._excused = True
        self._at += late_s + _GRACE_S
        return True
