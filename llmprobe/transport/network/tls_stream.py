"""TLS over another stream of ours, through memory buffers: the stamp stays with the bytes."""

from __future__ import annotations

import contextlib
import ssl
import time
from typing import Any

import httpcore

from llmprobe.transport.deadlines import DeadlineError
from llmprobe.transport.network.held import HeldStream

_READ_SIZE = 65536


class TlsStream(HeldStream):
    """Session tickets are bytes too, but no answer: only decrypted data is handed up."""

    def __init__(self, below: HeldStream, context: ssl.SSLContext, hostname: str | None) -> None:
        super().__init__(below)
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    @classmethod
    async def agreed(cls, below: HeldStream, context: ssl.SSLContext, hostname: str | None) -> TlsStream:
        """After the handshake. Raises httpcore.ConnectError, whose cause is the ssl.SSLError or OSError."""
        try:
            stream = cls(below, context, hostname)
        except (ssl.SSLError, ValueError) as exc:  # a name that no certificate can carry
            await below.aclose()
            raise httpcore.ConnectError(str(exc)) from exc
        await stream.handshake()
        return stream

    @property
    def received_at(self) -> float | None:
        return self._below.received_at

    async def handshake(self) -> None:
        """Timed from our first byte to the arrival of the server's last: our arithmetic is not its delay."""
        started = time.perf_counter()
        try:
            await self._shake()
        except OSError as exc:
            await self._say_goodbye()
            if isinstance(exc, DeadlineError):
                raise
            raise httpcore.ConnectError(str(exc)) from exc
        except BaseException:  # cancelled: httpcore forgets a stream whose handshake did not end
            await self.aclose()
            raise
        self.phases.tls_s = max(0.0, (self.received_at or time.perf_counter()) - started)
        await self._drain()
        self.holds = self._below.holds = self._tls.selected_alpn_protocol() != "h2"

    async def receive(self, max_bytes: int) -> bytes:
        while True:
            try:
                return self._tls.read(max_bytes)
            except ssl.SSLWantReadError:
                await self._drain()
                self._feed(await self._below.receive(_READ_SIZE))
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def transmit(self, buffer: bytes) -> None:
        self._tls.write(buffer)
        await self._drain()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The origin's TLS inside a proxy's."""
        await self._flush()
        return await TlsStream.agreed(self, ssl_context, server_hostname)

    async def aclose(self) -> None:
        await self._below.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)

    async def _shake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                await self._drain()
                self._feed(await self._below.receive(_READ_SIZE))

    async def _say_goodbye(self) -> None:
        """Let the other side read why (the alert), then close."""
        with contextlib.suppress(OSError):
            await self._drain()
        await self.aclose()

    async def _send(self, buffer: bytes) -> None:
        """Encryption is our own work: the clock of the sending starts after it."""
        self._tls.write(buffer)
        self._begin_send()
        await self._drain()
        self._end_send()

    async def _drain(self) -> None:
        if self._outgoing.pending:
            await self._below.transmit(self._outgoing.read())

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
