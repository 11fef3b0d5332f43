"""Five deadlines over one exchange, each known by name when it strikes."""

from __future__ import annotations

import asyncio
import time

from llmprobe.model import FailureKind, Phase, Timeouts

_CONNECTING = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS)


class Deadlines:
    """
    Moves one timeout along with the phases.

    A phase is bounded by its own limit and by the total; where the two fall
    together the phase's own name is told, since it says more. Heartbeats move
    nothing: only `content()` restarts the stall clock. The loop's timer is moved
    only where a deadline comes nearer; one that has moved away is found out when
    the timer strikes.
    """

    def __init__(self, timeouts: Timeouts, started: float, *, streaming: bool) -> None:
        self._limits = timeouts
        self._started = started
        self._streaming = streaming
        self._sent: float | None = None
        self._loop = asyncio.get_running_loop()
        self._offset = self._loop.time() - time.perf_counter()
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0
        self.kind = FailureKind.TOTAL_TIMEOUT
        self.limit_s = timeouts.total_s

    def open(self) -> asyncio.Timeout:
        """The context to run the exchange in; `close` ends it."""
        return self._timeout

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def enter(self, phase: Phase) -> None:
        """A phase begins: its limit comes into force."""
        if phase in _CONNECTING:
            self._bind(FailureKind.CONNECT_TIMEOUT, self._limits.connect_s, self._started)
        elif phase in (Phase.SEND, Phase.HEADERS):
            self._sent = time.perf_counter()
            self._bind(FailureKind.HEADERS_TIMEOUT, self._limits.headers_s, self._sent)
        elif phase is Phase.FIRST_TOKEN and self._streaming:
            origin = self._sent or self._started
            self._bind(FailureKind.FIRST_TOKEN_TIMEOUT, self._limits.first_token_s, origin)
        else:
            self._bind(FailureKind.TOTAL_TIMEOUT, None, self._started)

    def content(self, at: float) -> None:
        """A piece of content came: the silence begins anew."""
        limit = self._limits.stall_s
        if limit is None:
            self._bind(FailureKind.TOTAL_TIMEOUT, None, self._started)
        else:
            self._bind(FailureKind.STALL_TIMEOUT, limit, at)

    def linger(self, seconds: float) -> None:
        """All that matters has come: the rest gets this long and no longer."""
        self._move(self._loop.time() + seconds)

    def _bind(self, kind: FailureKind, limit_s: float | None, origin: float) -> None:
        total_at = self._started + self._limits.total_s
        own_at = total_at if limit_s is None else origin + limit_s
        if own_at <= total_at:
            self.kind, self.limit_s = kind, limit_s or self._limits.total_s
        else:
            self.kind, self.limit_s = FailureKind.TOTAL_TIMEOUT, self._limits.total_s
        self._move(min(own_at, total_at) + self._offset)

    def _move(self, at: float) -> None:
        self._at = at
        if self._timer is None or at < self._timer.when():
            self.close()
            self._timer = self._loop.call_at(at, self._strike)

    def _strike(self) -> None:
        self._timer = None
        now = self._loop.time()
        if now < self._at:
            self._move(self._at)
        else:
            self._timeout.reschedule(now)
