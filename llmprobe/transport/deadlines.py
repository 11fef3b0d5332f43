"""Five deadlines over one exchange, each known by name when it strikes."""

from __future__ import annotations

import asyncio
import time

from llmprobe.model import FailureKind, Phase, Timeouts

_CONNECTING = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS)


class Deadlines:
    """
    Moves one `asyncio.timeout` along with the phases.

    A phase is bounded by its own limit and by the total; where the two fall
    together the phase's own name is told, since it says more. Heartbeats move
    nothing: only `content()` restarts the stall clock.
    """

    def __init__(self, timeouts: Timeouts, started: float, *, streaming: bool) -> None:
        self._limits = timeouts
        self._started = started
        self._streaming = streaming
        self._sent: float | None = None
        self._timeout: asyncio.Timeout | None = None
        self.kind = FailureKind.TOTAL_TIMEOUT
        self.limit_s = timeouts.total_s

    def open(self) -> asyncio.Timeout:
        """The context to run the exchange in."""
        self._timeout = asyncio.timeout(None)
        return self._timeout

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
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + seconds)

    def _bind(self, kind: FailureKind, limit_s: float | None, origin: float) -> None:
        total_at = self._started + self._limits.total_s
        own_at = total_at if limit_s is None else origin + limit_s
        if own_at <= total_at:
            self.kind, self.limit_s = kind, limit_s or self._limits.total_s
        else:
            self.kind, self.limit_s = FailureKind.TOTAL_TIMEOUT, self._limits.total_s
        if self._timeout is not None:
            loop_offset = asyncio.get_running_loop().time() - time.perf_counter()
            self._timeout.reschedule(min(own_at, total_at) + loop_offset)
