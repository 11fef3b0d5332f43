"""TLS over a stamped socket, through memory buffers: the stamp stays with the bytes."""

from __future__ import annotations

import contextlib
import ssl
import time
from typing import Any

import httpcore

from llmprobe.transport.network.stream import _READ_SIZE, SocketStream


class TlsStream(SocketStream):
    """Session tickets are bytes too, but no answer: only decrypted data is handed up."""

    _tls: ssl.SSLObject

    async def handshake(self, context: ssl.SSLContext, hostname: str | None) -> None:
        """Raises httpcore.ConnectError, whose cause is the ssl.SSLError or OSError."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
            await self._shake()
        except OSError as exc:
            await self._say_goodbye()
            raise httpcore.ConnectError(str(exc)) from exc
        self._hold = self._tls.selected_alpn_protocol() != "h2"

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else super().get_extra_info(info)

    async def _shake(self) -> None:
        """Timed from our first byte to the arrival of the server's last: our arithmetic is not its delay."""
        started = time.perf_counter()
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._drain()
                self._feed(await self._receive_raw(_READ_SIZE))
        self.marks.tls_s = max(0.0, (self.received_at or time.perf_counter()) - started)
        await self._drain()

    async def _say_goodbye(self) -> None:
        """Let the other side read why (the alert), then close."""
        with contextlib.suppress(OSError):
            await self._drain()
        await self.aclose()

    async def _receive(self, max_bytes: int) -> bytes:
        while True:
            try:
                return self._tls.read(max_bytes)
            except ssl.SSLWantReadError:
                await self._drain()
                self._feed(await self._receive_raw(_READ_SIZE))
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def _send(self, buffer: bytes) -> None:
        self._tls.write(buffer)
        self._begin_send()
        await self._drain()
        self._end_send()

    async def _drain(self) -> None:
        if self._outgoing.pending:
            await self._send_raw(self._outgoing.read())

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
