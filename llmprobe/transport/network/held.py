"""What every stream of ours does, plain or TLS: asks before it reads, and sends a request in one piece."""

from __future__ import annotations

import contextlib
import time
from abc import abstractmethod
from typing import Protocol

import httpcore

from llmprobe.model import Phase
from llmprobe.transport.deadlines import DeadlineError
from llmprobe.transport.phases import PhaseClock

_HOLD_LIMIT = 16000
"""Up to this much is held back so that a request leaves as one segment and one TLS record."""


class HasPhases(Protocol):
    """Whose `phases` are those of the exchange that is under way."""

    @property
    def phases(self) -> PhaseClock: ...


class HeldStream(httpcore.AsyncNetworkStream):
    """
    The one place where an answer comes in.

    httpcore writes headers and body apart; behind a proxy that meets Nagle and
    delayed ACK and reads 40 ms too slow, so what is written is held until the
    next read. `received_at` is when the newest bytes reached the machine
    (kernel stamp), or when the loop read them.
    """

    def __init__(self, owner: HasPhases) -> None:
        self._owner = owner
        self._held = b""
        self.holds = True

    @property
    def phases(self) -> PhaseClock:
        return self._owner.phases

    @property
    @abstractmethod
    def received_at(self) -> float | None: ...

    @abstractmethod
    async def receive(self, max_bytes: int) -> bytes:
        """What is there, as soon as something is; empty at the end. Raises OSError."""

    @abstractmethod
    async def transmit(self, buffer: bytes) -> None:
        """All of it. Raises OSError."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises ReadError, and what the intake raises: DeadlineError, TooLargeError."""
        phases = self.phases
        size = phases.intake.read_size(max_bytes)
        await phases.intake.turn()
        try:
            with contextlib.suppress(ConnectionError):  # a server may answer early, and close
                await self._flush()
            data = await self.receive(size)
        except DeadlineError:  # a TimeoutError, and so an OSError, but not the network's
            raise
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc
        phases.arrived(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            if self.holds and len(self._held) + len(buffer) < _HOLD_LIMIT:
                self._held += buffer
                return
            await self._flush()
            await self._send(buffer)
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    async def _flush(self) -> None:
        held, self._held = self._held, b""
        if held:
            await self._send(held)

    async def _send(self, buffer: bytes) -> None:
        self._begin_send()
        await self.transmit(buffer)
        self._end_send()

    @property
    def is_request(self) -> bool:
        """HTTP/2 also writes what is no request (it acknowledges settings, a round trip later)."""
        return self.holds or self.phases.phase is Phase.SEND

    def _begin_send(self) -> None:
        if self.is_request and self.phases.send_started is None:
            self.phases.send_started = time.perf_counter()

    def _end_send(self) -> None:
        if self.is_request:
            self.phases.send_ended = self.phases.sent_at or time.perf_counter()
