"""One request sent, and all that can be observed of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from msgspec.structs import replace

from llmprobe.json_text import compact
from llmprobe.model import (
    Exchange,
    Failure,
    Framing,
    Mark,
    Phase,
    Request,
    StreamEvent,
    Timeouts,
    TlsFacts,
)
from llmprobe.transport.channel import Channel
from llmprobe.transport.deadlines import Deadlines
from llmprobe.transport.failures import failure_from
from llmprobe.transport.framing import TooLargeError, decoder_for
from llmprobe.transport.marks import Marks
from llmprobe.transport.tokens import TokenClock
from llmprobe.transport.trust import tls_facts

MAX_BODY_BYTES = 8 << 20
MAX_STREAM_BYTES = 16 << 20
MAX_ERROR_BYTES = 64 << 10
MAX_KEPT_STREAM_BYTES = 1 << 20
READ_OUT_S = 0.1

OnEvent = Callable[[StreamEvent], Mark]


async def exchange(
    channel: Channel,
    request: Request,
    timeouts: Timeouts,
    on_event: OnEvent,
    *,
    keep_open: bool = False,
) -> Exchange:
    """
    Send a request and watch it to its end.

    Args:
        channel: Where to send it; a fresh one for a cold measurement.
        request: Ready to send.
        timeouts: The five deadlines.
        on_event: Told of each event of a stream; says what it meant for the clocks.
        keep_open: Leave the connection fit for another request, where the server allows it.

    Returns:
        What was seen. Whatever the remote side does is a fact in it, never an exception.
    """
    return await _Watch(channel, request, timeouts, on_event, keep_open).run()


class _Watch:
    """The state of one exchange while it is under way."""

    def __init__(
        self,
        channel: Channel,
        request: Request,
        timeouts: Timeouts,
        on_event: OnEvent,
        keep_open: bool,
    ) -> None:
        self._channel = channel
        self._request = request
        self._on_event = on_event
        self._keep_open = keep_open
        self._streaming = request.framing is not Framing.BODY
        self._http = _build(request)
        self._marks = Marks()
        self._deadlines = Deadlines(timeouts, self._marks.started, streaming=self._streaming)
        self._marks.on_phase = self._deadlines.enter
        self._tokens = TokenClock()
        self._body = bytearray()
        self._received = 0
        self._response: httpx.Response | None = None
        self._network: Any = None
        self._tls: TlsFacts | None = None
        self._connecting_at: float | None = None
        self._over_at: float | None = None

    async def run(self) -> Exchange:
        if self._channel.backend is not None:
            self._channel.backend.marks = self._marks
        self._http.extensions["trace"] = self._trace
        failure: Failure | None = None
        guard = self._deadlines.open()
        try:
            async with guard:
                self._marks.enter(Phase.RESOLVE)
                await self._send_and_read()
        except TimeoutError as exc:
            failure = self._timed_out() if guard.expired() else self._failed(exc)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, TooLargeError) as exc:
            failure = self._failed(exc)
        finally:
            self._deadlines.close()
        if self._over_at is not None:  # the answer was whole: nothing after it is a failure
            return self._build_exchange(None, self._over_at)
        return self._build_exchange(failure, time.perf_counter())

    async def _send_and_read(self) -> None:
        response = await self._channel.transport.handle_async_request(self._http)
        response.request = self._http
        self._response = response
        self._marks.headers_at = self._marks.headers_at or time.perf_counter()
        self._network = response.extensions.get("network_stream", self._network)
        self._tls = self._tls or tls_facts(self._extra("ssl_object"))
        self._marks.enter(Phase.FIRST_TOKEN)
        try:
            if self._streaming and response.status_code < 400 and not _is_html(response):
                await self._read_stream(response)
            else:
                await self._read_body(response)
        finally:
            await response.aclose()
        self._marks.phase = Phase.DONE

    async def _read_body(self, response: httpx.Response) -> None:
        limit = MAX_BODY_BYTES if response.status_code < 400 else MAX_ERROR_BYTES
        async for chunk in response.aiter_bytes():
            if not self._body:
                self._marks.enter(Phase.STREAM)
            self._body += chunk
            if len(self._body) > limit:
                del self._body[MAX_ERROR_BYTES:]
                if response.status_code < 400:
                    raise TooLargeError(f"a body of more than {limit >> 20} MiB")
                return

    async def _read_stream(self, response: httpx.Response) -> None:
        decoder = decoder_for(self._request.framing)
        chunks = response.aiter_bytes()
        async for chunk in chunks:
            at = self._received_at()
            self._received += len(chunk)
            if len(self._body) < MAX_KEPT_STREAM_BYTES:
                self._body += chunk
            for event in decoder.feed(chunk):
                if self._take(event, at):
                    self._over_at = time.perf_counter()
                    await self._read_out(chunks)
                    return
            if self._received > MAX_STREAM_BYTES:
                raise TooLargeError(f"a stream of more than {MAX_STREAM_BYTES >> 20} MiB")
        at = time.perf_counter()
        for event in decoder.finish():
            self._take(replace(event, cut=True), self._received_at() or at)

    async def _read_out(self, chunks: AsyncIterator[bytes]) -> None:
        """A connection can only be used again once its last response was read to the end."""
        if self._keep_open:
            self._deadlines.linger(READ_OUT_S)
            async for _ in chunks:
                pass

    def _take(self, event: StreamEvent, at: float) -> bool:
        """One event; True when the stream has said that it is over."""
        mark = self._on_event(event)
        if self._tokens.note(mark, at):
            if self._marks.phase is Phase.FIRST_TOKEN:
                self._marks.phase = Phase.STREAM
            self._deadlines.content(at)
        return mark is Mark.END

    def _received_at(self) -> float:
        """When the newest bytes reached the machine: the kernel's stamp, else now."""
        at = getattr(self._network, "received_at", None)
        return at if isinstance(at, float) else time.perf_counter()

    async def _trace(self, name: str, info: dict[str, Any]) -> None:
        """httpcore's public trace events: phases of the request, and of the connection on a stock backend."""
        event = name.partition(".")[2]
        match event:
            case "connect_tcp.started" | "start_tls.started":
                self._connecting_at = time.perf_counter()
                if self._channel.backend is None:
                    self._marks.reused = False
                    self._marks.enter(Phase.CONNECT if event.startswith("connect") else Phase.TLS)
            case "connect_tcp.complete" | "start_tls.complete":
                self._connected(event, info.get("return_value"))
            case "send_request_headers.started":
                self._marks.send_started = self._marks.sent_at = self._marks.send_ended = None
                self._marks.enter(Phase.CONNECT if self._in_tunnel() else Phase.SEND)
            case "send_request_body.complete":
                self._sent()
            case "receive_response_headers.complete":
                self._marks.headers_at = self._received_at()
            case _:
                pass

    def _connected(self, event: str, stream: Any) -> None:
        self._network = stream
        if event.startswith("start_tls"):
            self._tls = tls_facts(self._extra("ssl_object"))
        if self._channel.backend is not None or self._connecting_at is None:
            return
        elapsed = time.perf_counter() - self._connecting_at
        if event.startswith("connect"):
            self._marks.connect_s = elapsed
            address = self._extra("server_addr")
            self._marks.peer = f"{address[0]}:{address[1]}" if address else None
        else:
            self._marks.tls_s = elapsed

    def _sent(self) -> None:
        if self._in_tunnel():
            return
        if self._channel.backend is None:
            self._marks.send_started = self._marks.send_started or time.perf_counter()
            self._marks.send_ended = time.perf_counter()
        self._marks.enter(Phase.HEADERS)

    def _in_tunnel(self) -> bool:
        """Whether what goes by is our CONNECT to a proxy rather than the request itself."""
        is_tls = self._http.url.scheme == "https"
        return bool(self._channel.proxy) and is_tls and self._tls is None and not self._marks.reused

    def _extra(self, name: str) -> Any:
        try:
            return self._network.get_extra_info(name) if self._network is not None else None
        except OSError:
            return None

    def _timed_out(self) -> Failure:
        return Failure(self._deadlines.kind, self._marks.phase, limit_s=self._deadlines.limit_s)

    def _failed(self, exc: BaseException) -> Failure:
        before_tls = self._tls is None and self._http.url.scheme == "https"
        via_proxy = bool(self._channel.proxy) and (before_tls or self._marks.connect_s is None)
        return failure_from(exc, self._marks.phase, via_proxy=via_proxy)

    def _build_exchange(self, failure: Failure | None, ended_at: float) -> Exchange:
        response, marks = self._response, self._marks
        connected = marks.connect_s is not None or marks.reused
        return Exchange(
            phase=failure.phase if failure else Phase.DONE,
            timings=self._timings(failure, ended_at),
            status=response.status_code if response else None,
            http_version=_version(response),
            headers=tuple(response.headers.multi_items()) if response else (),
            body=bytes(self._body),
            failure=failure,
            tls=self._tls,
            peer=marks.peer,
            connection=(("reused" if marks.reused else "new") if connected and self._network else None),
            proxy=self._channel.proxy,
            connects=tuple(marks.connects),
            clock="kernel" if marks.kernel_stamps else "user",
            content_reads=len(self._tokens.reads) if self._streaming else None,
            content_events=self._tokens.events if self._streaming else None,
        )

    def _timings(self, failure: Failure | None, ended_at: float) -> Any:
        marks, tokens = self._marks, self._tokens
        p50, p95 = tokens.percentiles()
        return replace(
            marks.timings(),
            first_event_s=marks.since_start(tokens.first_event),
            first_reasoning_s=marks.since_start(tokens.first_reasoning),
            first_text_s=marks.since_start(tokens.first_text),
            ttft_s=marks.since_start(tokens.first_content),
            total_s=marks.since_start(ended_at),
            longest_silence_s=tokens.longest_silence(ended_at if failure else None),
            itl_p50_s=p50,
            itl_p95_s=p95,
        )


def _build(request: Request) -> httpx.Request:
    content = None
    headers = dict(request.headers)
    if request.body is not None:
        content = compact(request.body).encode()
        headers["content-type"] = "application/json"
    if request.framing is Framing.SSE:
        headers["accept"] = "text/event-stream"
    return httpx.Request(request.method, request.url, headers=headers, content=content)


def _is_html(response: httpx.Response) -> bool:
    return str(response.headers.get("content-type", "")).lower().startswith("text/html")


def _version(response: httpx.Response | None) -> str | None:
    if response is None:
        return None
    raw = response.extensions.get("http_version", b"")
    return raw.decode("ascii", "replace").removeprefix("HTTP/") or None if isinstance(raw, bytes) else None
