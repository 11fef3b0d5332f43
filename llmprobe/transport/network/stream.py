"""A connected socket as httpcore wants it, plain or TLS, that knows when its bytes arrived."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import time
from typing import Any

import httpcore

from llmprobe.model import Phase
from llmprobe.transport.marks import Marks
from llmprobe.transport.network import stamps

_READ_SIZE = 65536
_LONGEST_SEND_S = 200e-6
_HOLD_LIMIT = 16000
"""Up to this much is held back so that a request leaves as one segment and one TLS record."""


class SocketStream(httpcore.AsyncNetworkStream):
    """
    Reads and writes on a non-blocking socket.

    `received_at` is when the newest bytes reached the machine (kernel stamp), or
    when the loop read them. httpcore writes headers and body apart; behind a
    proxy that meets Nagle and delayed ACK and reads 40 ms too slow, so what is
    written is held until the next read.
    """

    def __init__(self, sock: socket.socket, backend: Any) -> None:
        self._sock = sock
        self._fd = sock.fileno()
        self._backend = backend
        self._loop = asyncio.get_running_loop()
        self._stamped = stamps.enable(sock)
        self._held = b""
        self._hold = True
        self.received_at: float | None = None
        self.by_kernel = False

    @property
    def marks(self) -> Marks:
        marks: Marks = self._backend.marks
        return marks

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            await self._flush()
            return await self._receive(max_bytes)
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            if self._hold and len(self._held) + len(buffer) < _HOLD_LIMIT:
                self._held += buffer
                return
            await self._flush()
            await self._send(buffer)
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    async def aclose(self) -> None:
        if self._sock.fileno() < 0:  # closed before: the number may be another socket's by now
            return
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._sock.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        from llmprobe.transport.network.tls_stream import TlsStream

        await self._flush()
        stream = TlsStream(self._sock, self._backend)
        self.marks.enter(Phase.TLS)
        await stream.handshake(ssl_context, server_hostname)
        return stream

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "socket":
                return self._sock
            case "server_addr":
                return self._sock.getpeername()
            case "client_addr":
                return self._sock.getsockname()
            case "is_readable":
                return self._sock.fileno() < 0 or bool(select.select([self._sock], [], [], 0)[0])
            case "ssl_object":
                return None
            case _:
                return None

    async def _flush(self) -> None:
        held, self._held = self._held, b""
        if held:
            await self._send(held)

    async def _send(self, buffer: bytes) -> None:
        self._begin_send()
        await self._send_raw(buffer)
        self._end_send()

    @property
    def _is_request(self) -> bool:
        """HTTP/2 also writes what is no request (it acknowledges settings, a round trip later)."""
        return self._hold or self.marks.phase is Phase.SEND

    def _begin_send(self) -> None:
        if self._is_request and self.marks.send_started is None:
            self.marks.send_started = time.perf_counter()

    def _end_send(self) -> None:
        if self._is_request:
            self.marks.send_ended = time.perf_counter()

    async def _receive(self, max_bytes: int) -> bytes:
        return await self._receive_raw(max_bytes)

    async def _send_raw(self, buffer: bytes) -> None:
        view = memoryview(buffer)
        while view:
            before = time.perf_counter()
            try:
                view = view[self._sock.send(view) :]
                if self._is_request:
                    self.marks.sent_at = _sent_at(before, time.perf_counter())
            except (BlockingIOError, InterruptedError):
                await self._ready(write=True)

    async def _receive_raw(self, max_bytes: int) -> bytes:
        while True:
            try:
                data, self.received_at, self.by_kernel = stamps.receive(self._sock, max_bytes, self._stamped)
            except (BlockingIOError, InterruptedError):
                await self._ready(write=False)
                continue
            self.marks.kernel_stamps = self.by_kernel or (not data and self.marks.kernel_stamps)
            return data

    async def _ready(self, *, write: bool) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        add, remove = (
            (self._loop.add_writer, self._loop.remove_writer)
            if write
            else (self._loop.add_reader, self._loop.remove_reader)
        )
        add(self._fd, _wake, future)
        try:
            await future
        finally:
            remove(self._fd)


def _sent_at(before: float, after: float) -> float:
    """
    When the bytes left: after the call, unless whoever it woke ran first on our core.

    A late stamp would read as a quick answer; such a call is far longer than a send ever takes.
    """
    return after if after - before < _LONGEST_SEND_S else before


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
