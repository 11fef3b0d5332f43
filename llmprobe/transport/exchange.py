"""One request sent, and all that can be observed of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx
from msgspec.structs import replace

from llmprobe.foreign import clean, cleaned
from llmprobe.json_text import compact
from llmprobe.model import (
    Exchange,
    Failure,
    FailureKind,
    Framing,
    Mark,
    Phase,
    Request,
    StreamEvent,
    Timeouts,
    TlsFacts,
)
from llmprobe.transport.channel import Channel
from llmprobe.transport.deadlines import DeadlineError, Deadlines
from llmprobe.transport.decoding import ACCEPTED, UndecodableError, decoder_of
from llmprobe.transport.failures import failure_from
from llmprobe.transport.framing import decoder_for
from llmprobe.transport.intake import BUDGETS, Spent, TooLargeError, over_budget
from llmprobe.transport.network.stamps import lost_segments
from llmprobe.transport.phases import PhaseClock
from llmprobe.transport.tokens import TokenClock
from llmprobe.transport.trust import tls_facts
from llmprobe.version import USER_AGENT

MAX_ERROR_BYTES = 64 << 10
MAX_KEPT_STREAM_BYTES = 256 << 10
READ_OUT_S = 0.1

_FROM_THE_OTHER_SIDE = (
    httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, TooLargeError, UndecodableError,
)  # fmt: skip
OnEvent = Callable[[StreamEvent], Mark]
OnPhase = Callable[[Phase, Exchange], None]


async def exchange(
    channel: Channel,
    request: Request,
    timeouts: Timeouts,
    on_event: OnEvent,
    *,
    keep_open: bool = False,
    on_phase: OnPhase | None = None,
) -> Exchange:
    """
    Send a request and watch it to its end.

    Args:
        channel: Where to send it; a fresh one for a cold measurement.
        request: Ready to send.
        timeouts: The five deadlines.
        on_event: Told of each event of a stream; says what it meant for the clocks.
        keep_open: Leave the connection fit for another request, where the server allows it.
        on_phase: Told of each phase that begins, with what was observed until then.

    Returns:
        What was seen, its texts clean. Whatever the remote side does is a fact in it, never an exception.
    """
    try:
        http = http_request(request)
    except (httpx.InvalidURL, ValueError) as exc:
        return cleaned(Exchange(Phase.RESOLVE, failure=failure_from(exc, Phase.RESOLVE)))
    watch = _Watch(
        channel, http, timeouts, on_event, framing=request.framing, keep_open=keep_open, on_phase=on_phase
    )
    seen = await watch.run()
    if seen.failure is not None and seen.failure.kind is FailureKind.TLS and not channel.proxy:
        from llmprobe.transport.certificates import explained

        seen = await explained(seen, http.url.host, http.url.port or 443, own_bundle=channel.own_bundle)
    return cleaned(seen)


class _Watch:
    """The state of one exchange while it is under way."""

    def __init__(
        self,
        channel: Channel,
        http: httpx.Request,
        timeouts: Timeouts,
        on_event: OnEvent,
        *,
        framing: Framing,
        keep_open: bool,
        on_phase: OnPhase | None,
    ) -> None:
        self._channel = channel
        self._framing = framing
        self._http = http
        self._http.extensions["trace"] = self._trace
        self._on_event = on_event
        self._keep_open = keep_open
        self._streaming = framing is not Framing.BODY
        self._phases = PhaseClock()
        self._deadlines = Deadlines(timeouts, self._phases.started, streaming=self._streaming)
        self._told = on_phase
        self._phases.on_phase = self._entered if on_phase else self._deadlines.enter
        self._intake = self._phases.intake
        self._intake.ask = self._deadlines.ask
        self._tokens = TokenClock()
        self._pieces = 0
        self._lost: int | None = None
        self._body = bytearray()
        self._response: httpx.Response | None = None
        self._network: Any = None
        self._tls: TlsFacts | None = None
        self._connecting_at: float | None = None
        self._over_at: float | None = None

    async def run(self) -> Exchange:
        if self._channel.backend is not None:
            self._channel.backend.phases = self._phases
        else:
            self._intake.follow(asyncio.get_running_loop())
        failure: Failure | None = None
        guard = self._deadlines.open()
        try:
            async with guard:
                self._phases.enter(Phase.RESOLVE)
                await self._send_and_read()
        except TimeoutError as exc:
            is_ours = guard.expired() or isinstance(exc, DeadlineError)
            failure = self._timed_out() if is_ours else self._failed(exc)
        except _FROM_THE_OTHER_SIDE as exc:
            failure = self._failed(exc)
        finally:
            self._deadlines.close()
        if self._over_at is not None:  # the answer was whole: nothing after it is a failure
            return self._build_exchange(None, self._over_at)
        return self._build_exchange(failure, time.perf_counter() if failure else self._received_at())

    def _entered(self, phase: Phase) -> None:
        self._deadlines.enter(phase)
        if self._told is not None:
            self._told(phase, self._build_exchange(None, time.perf_counter()))

    async def _send_and_read(self) -> None:
        response = await self._channel.transport.handle_async_request(self._http)
        response.request = self._http
        self._response = response
        self._phases.headers_at = self._phases.headers_at or time.perf_counter()
        self._network = response.extensions.get("network_stream", self._network)
        self._tls = self._tls or tls_facts(self._extra("ssl_object"))
        self._phases.enter(Phase.FIRST_TOKEN)
        try:
            async with aclosing(self._content(response)) as content:
                if self._streaming and response.status_code < 400 and not _is_html(response):
                    await self._read_stream(content)
                else:
                    await self._read_body(content, is_error=response.status_code >= 400)
        finally:
            self._lost = lost_segments(self._extra("socket")) if self._streaming else None
            await response.aclose()
        self._phases.phase = Phase.DONE

    async def _content(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The decoded content in small pieces, with a turn of the loop between them where it is time."""
        decoder = decoder_of(response.headers.get("content-encoding"), self._intake)
        assert isinstance(response.stream, AsyncIterable)
        async for chunk in response.stream:
            self._intake.count(Spent.CHUNKS)
            self._pieces += 1
            for number, piece in enumerate(decoder.pieces(chunk)):
                if number:  # before the first there was one when the chunk was read
                    await self._intake.turn()
                yield piece

    async def _read_body(self, content: AsyncIterator[bytes], *, is_error: bool) -> None:
        """Of an error the beginning is enough, and what cannot be decoded leaves the status."""
        size = Spent.LIST if self._http.method == "GET" else Spent.BODY
        try:
            async for piece in content:
                if not self._body:
                    self._phases.enter(Phase.STREAM)
                if is_error and len(self._body) + len(piece) > MAX_ERROR_BYTES:
                    return
                self._body += piece
                self._intake.count(size, len(piece))
                self._intake.count(Spent.VALUES, _values_in(piece))
        except (TooLargeError, UndecodableError):
            del self._body[MAX_ERROR_BYTES:]
            if not is_error:
                raise

    async def _read_stream(self, content: AsyncIterator[bytes]) -> None:
        decoder = decoder_for(self._framing)
        async for piece in content:
            at = self._received_at()
            self._intake.count(Spent.STREAM, len(piece))
            if len(self._body) < MAX_KEPT_STREAM_BYTES:
                self._body += piece
            for number, event in enumerate(decoder.feed(piece)):
                if number:
                    await self._intake.turn()
                if self._take(event, at):
                    self._over_at = at
                    await self._read_out(content)
                    return
            self._intake.reach(Spent.LINES, decoder.lines)
        for event in decoder.finish():
            self._take(replace(event, cut=True), self._received_at())

    async def _read_out(self, content: AsyncIterator[bytes]) -> None:
        """A connection can only be used again once its last response was read to the end."""
        if self._keep_open:
            self._deadlines.linger(READ_OUT_S)
            async for _ in content:
                pass

    def _take(self, event: StreamEvent, at: float) -> bool:
        """One event; True when the stream has said that it is over."""
        self._intake.count(Spent.EVENTS)
        if event.data.count(",") > BUDGETS[Spent.VALUES]:
            raise over_budget(Spent.VALUES)
        mark = self._on_event(event)
        if self._tokens.note(mark, at, self._pieces):
            if self._phases.phase is Phase.FIRST_TOKEN:
                self._phases.phase = Phase.STREAM
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
                    self._phases.reused = False
                    self._phases.enter(Phase.CONNECT if event.startswith("connect") else Phase.TLS)
            case "connect_tcp.complete" | "start_tls.complete":
                self._connected(event, info.get("return_value"))
            case "send_request_headers.started":
                self._intake.forget(Spent.HEAD)
                self._phases.send_started = self._phases.sent_at = self._phases.send_ended = None
                self._phases.enter(Phase.CONNECT if self._in_tunnel() else Phase.SEND)
            case "send_request_body.complete":
                self._sent()
            case "receive_response_headers.complete":
                self._phases.headers_at = self._received_at()
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
            self._phases.connect_s = elapsed
            address = self._extra("server_addr")
            self._phases.peer = f"{address[0]}:{address[1]}" if address else None
        else:
            self._phases.tls_s = elapsed

    def _sent(self) -> None:
        if self._in_tunnel():
            return
        if self._channel.backend is None:
            self._phases.send_started = self._phases.send_started or time.perf_counter()
            self._phases.send_ended = time.perf_counter()
        self._phases.enter(Phase.HEADERS)

    def _in_tunnel(self) -> bool:
        """Whether what goes by is our CONNECT to a proxy rather than the request itself."""
        is_tls = self._http.url.scheme == "https"
        return bool(self._channel.proxy) and is_tls and self._tls is None and not self._phases.reused

    def _extra(self, name: str) -> Any:
        try:
            return self._network.get_extra_info(name) if self._network is not None else None
        except OSError:
            return None

    def _timed_out(self) -> Failure:
        return self._unless_not_http(
            Failure(self._deadlines.kind, self._phases.phase, limit_s=self._deadlines.limit_s)
        )

    def _failed(self, exc: BaseException) -> Failure:
        before_tls = self._tls is None and self._http.url.scheme == "https"
        via_proxy = bool(self._channel.proxy) and (before_tls or self._phases.connect_s is None)
        return self._unless_not_http(failure_from(exc, self._phases.phase, via_proxy=via_proxy))

    def _unless_not_http(self, failure: Failure) -> Failure:
        """Where what came instead of headers is no HTTP, that is the cause, however it ended."""
        opening = self._phases.opening
        is_http = b"HTTP/".startswith(opening[:5]) or (self._tls is not None and self._tls.alpn == "h2")
        if is_http or self._response is not None:
            return failure
        return replace(failure, kind=FailureKind.NOT_HTTP, detail=_shown(opening))

    def _build_exchange(self, failure: Failure | None, ended_at: float) -> Exchange:
        response, phases = self._response, self._phases
        connected = phases.connect_s is not None or phases.reused
        return Exchange(
            phase=failure.phase if failure else Phase.DONE,
            timings=self._timings(failure, ended_at),
            status=response.status_code if response else None,
            http_version=_version(response),
            headers=tuple(response.headers.multi_items()) if response else (),
            body=bytes(self._body),
            failure=failure,
            tls=self._tls,
            peer=phases.peer,
            connection=(("reused" if phases.reused else "new") if connected and self._network else None),
            proxy=self._channel.proxy,
            connects=tuple(phases.connects),
            clock="kernel" if phases.kernel_stamps else "user",
            content_reads=len(self._tokens.reads) if self._streaming else None,
            content_events=self._tokens.events if self._streaming else None,
            content_pieces=self._tokens.pieces if self._streaming else None,
            lost_segments=self._lost,
        )

    def _timings(self, failure: Failure | None, ended_at: float) -> Any:
        phases, tokens = self._phases, self._tokens
        p50, p95 = tokens.percentiles()
        return replace(
            phases.timings(),
            first_event_s=phases.since_start(tokens.first_event),
            first_reasoning_s=phases.since_start(tokens.first_reasoning),
            first_text_s=phases.since_start(tokens.first_text),
            ttft_s=phases.since_start(tokens.first_content),
            total_s=phases.since_start(ended_at),
            longest_silence_s=tokens.longest_silence(ended_at if failure else None),
            itl_p50_s=p50,
            itl_p95_s=p95,
            silences=tuple(
                (max(0.0, a - phases.started), max(0.0, b - phases.started))
                for a, b in tokens.silences(ended_at)
            ),
        )


def http_request(request: Request) -> httpx.Request:
    """
    The request as it leaves.

    Raises:
        httpx.InvalidURL, ValueError: It cannot be sent: the URL, or a header.
    """
    content = None if request.body is None else compact(request.body).encode()
    return httpx.Request(request.method, request.url, headers=sent_headers(request), content=content)


def sent_headers(request: Request) -> dict[str, str]:
    """The headers of a request, with what any client of these APIs says of itself."""
    headers = {"user-agent": USER_AGENT, "accept-encoding": ACCEPTED}
    needed = {"accept": "text/event-stream"} if request.framing is Framing.SSE else {}
    if request.body is not None:
        needed["content-type"] = "application/json"
    own = {name.lower() for name in request.headers}
    headers = {name: value for name, value in headers.items() if name not in own}
    headers |= {name: value for name, value in request.headers.items() if name.lower() not in needed}
    return headers | needed


def _values_in(piece: bytes) -> int:
    """About how many JSON values: each has a comma or an opening bracket of its own."""
    return piece.count(b",") + piece.count(b"{") + piece.count(b"[")


def _shown(opening: bytes) -> str:
    """The first line of what is no answer, fit for a sentence."""
    if opening[:2] in (b"\x15\x03", b"\x16\x03"):
        return "a TLS record"
    return clean(opening.decode("utf-8", "replace").strip().partition("\n")[0].rstrip(), 60)


def _is_html(response: httpx.Response) -> bool:
    return str(response.headers.get("content-type", "")).lower().startswith("text/html")


def _version(response: httpx.Response | None) -> str | None:
    if response is None:
        return None
    raw = response.extensions.get("http_version", b"")
    return raw.decode("ascii", "replace").removeprefix("HTTP/") or None if isinstance(raw, bytes) else None
