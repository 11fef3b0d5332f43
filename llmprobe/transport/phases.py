"""The instants of one exchange, and where it is: filled in from below, read by the exchange."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct, field

from llmprobe.model import ConnectAttempt, Phase, Timings
from llmprobe.transport.intake import Intake

OPENING_BYTES = 80


class PhaseClock(Struct):
    """
    Instants on `time.perf_counter`; None where it never came to that.

    `on_phase` is told when a phase begins, so that deadlines can follow. `intake` is asked before each
    read. `opening` is how the answer begins, as it came.
    """

    started: float = field(default_factory=time.perf_counter)
    intake: Intake = field(default_factory=Intake)
    opening: bytes = b""
    on_phase: Callable[[Phase], None] | None = None
    phase: Phase = Phase.RESOLVE
    dns_s: float | None = None
    connect_s: float | None = None
    tls_s: float | None = None
    send_started: float | None = None
    sent_at: float | None = None
    send_ended: float | None = None
    headers_at: float | None = None
    peer: str | None = None
    connects: list[ConnectAttempt] = field(default_factory=list)
    kernel_stamps: bool = False
    reused: bool = True

    def enter(self, phase: Phase) -> None:
        self.phase = phase
        if self.on_phase is not None:
            self.on_phase(phase)

    @property
    def in_head(self) -> bool:
        """Whether an answer's headers are awaited: the origin's, or a proxy's to our CONNECT."""
        return self.phase in (Phase.CONNECT, Phase.SEND, Phase.HEADERS)

    def arrived(self, data: bytes) -> None:
        """Bytes of an answer came. Raises TooLargeError when there were too many."""
        if self.phase is Phase.HEADERS and len(self.opening) < OPENING_BYTES:
            self.opening += data[:OPENING_BYTES]
        self.intake.arrived(len(data), in_head=self.in_head)

    def timings(self) -> Timings:
        sent = None
        if self.send_started is not None and self.send_ended is not None:
            sent = self.send_ended - self.send_started
        return Timings(
            dns_s=self.dns_s,
            connect_s=self.connect_s,
            tls_s=self.tls_s,
            send_s=sent,
            sent_s=self.since_start(self.sent_at or self.send_ended),
            headers_s=self.since_start(self.headers_at),
        )

    def since_start(self, at: float | None) -> float | None:
        return None if at is None else max(0.0, at - self.started)
