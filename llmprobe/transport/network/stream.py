"""A connected socket as httpcore wants it, that knows when its bytes arrived."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import time
from typing import Any

import httpcore

from llmprobe.model import Phase
from llmprobe.transport.intake import Spent
from llmprobe.transport.network import stamps
from llmprobe.transport.network.held import HasPhases, HeldStream
from llmprobe.transport.network.tls_stream import TlsStream

_LONGEST_SEND_S = 200e-6
_Read = tuple[bytes, float, bool]
"""As `stamps.receive` returns it."""


class SocketStream(HeldStream):
    """Reads and writes on a non-blocking socket."""

    def __init__(self, sock: socket.socket, owner: HasPhases) -> None:
        super().__init__(owner)
        self._sock = sock
        self._fd = sock.fileno()
        self._loop = asyncio.get_running_loop()
        self._stamped = stamps.enable(sock)
        self._received_at: float | None = None
        self._reading: tuple[asyncio.Future[_Read], int] | None = None
        self._is_watched = False

    @property
    def received_at(self) -> float | None:
        return self._received_at

    async def receive(self, max_bytes: int) -> bytes:
        """Never without a turn of the loop for long, however fast they send. Raises as `read`."""
        phases = self.phases
        await phases.intake.turn()
        try:
            data, self._received_at, by_kernel = stamps.receive(self._sock, max_bytes, self._stamped)
        except (BlockingIOError, InterruptedError):
            data, self._received_at, by_kernel = await self._next_read(max_bytes)
        phases.kernel_stamps = by_kernel or (not data and phases.kernel_stamps)
        phases.intake.count(Spent.WIRE, len(data))
        return data

    async def transmit(self, buffer: bytes) -> None:
        view = memoryview(buffer)
        while view:
            before = time.perf_counter()
            try:
                view = view[self._sock.send(view) :]
                if self.is_request:
                    self.phases.sent_at = _sent_at(before, time.perf_counter())
            except (BlockingIOError, InterruptedError):
                await self._writable()

    async def aclose(self) -> None:
        if self._sock.fileno() < 0:  # closed before: the number may be another socket's by now
            return
        self._unwatch()
        self._sock.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Raises httpcore.ConnectError, whose cause is the ssl.SSLError or OSError."""
        await self._flush()
        self.phases.enter(Phase.TLS)
        return await TlsStream.agreed(self, ssl_context, server_hostname)

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "socket":
                return self._sock
            case "server_addr":
                return self._sock.getpeername()
            case "client_addr":
                return self._sock.getsockname()
            case "is_readable":
                return self._sock.fileno() < 0 or _has_news(self._fd)
            case _:
                return None

    async def _next_read(self, max_bytes: int) -> _Read:
        """
        What comes next, read as soon as the loop hears of it.

        The loop goes on watching between two reads: a stream of tokens is not entered and taken off again
        for each of them.
        """
        future: asyncio.Future[_Read] = self._loop.create_future()
        self._reading = future, max_bytes
        if not self._is_watched:
            self._loop.add_reader(self._fd, self._on_readable)
            self._is_watched = True
        try:
            return await future
        finally:
            self._reading = None
            self.phases.intake.resume()

    def _on_readable(self) -> None:
        """Bytes are there; where nobody waits for them they stay with the kernel."""
        if self._reading is None or self._reading[0].done():
            self._unwatch()
            return
        future, max_bytes = self._reading
        try:
            future.set_result(stamps.receive(self._sock, max_bytes, self._stamped))
        except (BlockingIOError, InterruptedError):
            pass  # the kernel has thought better of it
        except OSError as exc:
            future.set_exception(exc)

    def _unwatch(self) -> None:
        if self._is_watched:
            self._loop.remove_reader(self._fd)
            self._is_watched = False

    async def _writable(self) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(self._fd, _wake, future)
        try:
            await future
        finally:
            self._loop.remove_writer(self._fd)
            self.phases.intake.resume()


def _sent_at(before: float, after: float) -> float:
    """
    When the bytes left: after the call, unless whoever it woke ran first on our core.

    A late stamp would read as a quick answer; such a call is far longer than a send ever takes.
    """
    return after if after - before < _LONGEST_SEND_S else before


def _has_news(fd: int) -> bool:
    """Bytes, or its end. `select` refuses numbers over 1023; Windows lacks `poll`, and has no such limit."""
    if not hasattr(select, "poll"):
        return bool(select.select([fd], [], [], 0)[0])
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
