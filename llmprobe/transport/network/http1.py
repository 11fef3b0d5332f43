"""One HTTP/1.1 connection to one origin: h11 speaks, a stamped socket carries."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import h11
import httpcore

from llmprobe.transport.intake import BUDGETS, Spent
from llmprobe.transport.network.backend import ProbeBackend

_READ_SIZE = 65536
_LARGEST_HEAD = BUDGETS[Spent.HEAD] + _READ_SIZE
"""The intake's own limit comes first, and says which it was."""


class Http1Connection:
    """
    Stands where httpx has httpcore's pool, for a channel that has nothing to pool: one origin, one
    request at a time, no proxy, no HTTP/2.

    Without the pool's locks anyio's event loop backend is never loaded (15 ms of the start, measured).
    What is under way is told in httpcore's trace events: a watcher need not know which of the two it was.
    """

    def __init__(self, backend: ProbeBackend, context: ssl.SSLContext | None) -> None:
        """`context` is None for an origin without TLS."""
        self._backend = backend
        self._context = context
        self._stream: httpcore.AsyncNetworkStream | None = None
        self._state: h11.Connection

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Raises what httpcore would: ConnectError, ReadError, RemoteProtocolError, LocalProtocolError."""
        trace = request.extensions["trace"]
        try:
            stream = await self._connected(request, trace)
            await trace("http11.send_request_headers.started", {})
            with contextlib.suppress(httpcore.WriteError):  # a server may answer early and close
                await self._send(stream, request)
            await trace("http11.send_request_body.complete", {})
            head = await self._head(stream)
            await trace("http11.receive_response_headers.complete", {})
        except BaseException:
            await self.aclose()
            raise
        return httpcore.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            content=_Body(self, stream),
            extensions={"http_version": b"HTTP/" + head.http_version, "network_stream": stream},
        )

    async def next_event(self, stream: httpcore.AsyncNetworkStream) -> Any:
        """
        The next event of h11, after a turn of the loop where it is time for one.

        Raises:
            httpcore.RemoteProtocolError: What came is not HTTP.
            httpcore.ReadError, DeadlineError, TooLargeError: As the stream raises them.
        """
        intake = self._backend.phases.intake
        while True:
            await intake.turn()
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as exc:
                raise httpcore.RemoteProtocolError(str(exc)) from exc
            if event is not h11.NEED_DATA:
                return event
            data = await stream.read(_READ_SIZE)
            if self._state.their_state is h11.SEND_RESPONSE:
                self._check_opening(data)
            self._state.receive_data(data)

    def _check_opening(self, data: bytes) -> None:
        """Whether this can be the beginning of an answer. h11 would wait for a blank line."""
        if not data:
            raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
        opening = self._backend.phases.opening
        if not b"HTTP/".startswith(opening[:5]):
            raise httpcore.RemoteProtocolError("what came is not HTTP")

    async def release(self) -> None:
        """After an answer: fit for another request where both sides are done, else closed."""
        if self._state.our_state is h11.DONE and self._state.their_state is h11.DONE:
            self._state.start_next_cycle()
        else:
            await self.aclose()

    async def aclose(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()

    async def _connected(self, request: httpcore.Request, trace: Any) -> httpcore.AsyncNetworkStream:
        """The open connection, unless the server has closed it in between; else a new one."""
        if self._stream is not None and not self._stream.get_extra_info("is_readable"):
            return self._stream
        await self.aclose()
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        host, port = request.url.host.decode("ascii"), request.url.origin.port
        await trace("connection.connect_tcp.started", {})
        self._stream = await self._backend.connect_tcp(host, port)
        await trace("connection.connect_tcp.complete", {"return_value": self._stream})
        if self._context is not None:
            await trace("connection.start_tls.started", {})
            self._stream = await self._stream.start_tls(self._context, host)
            await trace("connection.start_tls.complete", {"return_value": self._stream})
        return self._stream

    async def _send(self, stream: httpcore.AsyncNetworkStream, request: httpcore.Request) -> None:
        try:
            head = h11.Request(method=request.method, target=request.url.target, headers=request.headers)
        except h11.LocalProtocolError as exc:
            raise httpcore.LocalProtocolError(str(exc)) from exc
        await stream.write(self._state.send(head) or b"")
        assert isinstance(request.stream, AsyncIterable)
        async for chunk in request.stream:
            await stream.write(self._state.send(h11.Data(data=chunk)) or b"")
        await stream.write(self._state.send(h11.EndOfMessage()) or b"")

    async def _head(self, stream: httpcore.AsyncNetworkStream) -> h11.Response:
        """Hints that come before it (100, 103) are passed over."""
        while True:
            event = await self.next_event(stream)
            if isinstance(event, h11.Response):
                return event
            self._backend.phases.intake.count(Spent.INTERIM)


class _Body:
    """The rest of an answer, as httpx reads it."""

    def __init__(self, connection: Http1Connection, stream: httpcore.AsyncNetworkStream) -> None:
        self._connection = connection
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._connection.next_event(self._stream), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        await self._connection.release()
