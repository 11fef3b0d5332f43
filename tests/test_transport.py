"""The transport over real sockets and real TLS: phases, deadlines, failures, limits."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from msgspec.structs import replace
from pytest_httpx import HTTPXMock

from llmprobe.model import Exchange, FailureKind, Framing, Mark, Phase, Request, StreamEvent, Timeouts
from llmprobe.simulator import certificate_authority
from llmprobe.transport import exchange, open_channel
from llmprobe.transport.exchange import READ_OUT_S
from llmprobe.transport.failures import failure_from
from llmprobe.transport.trust import context_for, trust_from
from llmprobe.transport.warmup import warm_up
from tests.support import Served, a_target

QUICK = Timeouts(total_s=1.5, connect_s=0.5, headers_s=0.4, first_token_s=0.5, stall_s=0.3)
CHAT = {"model": "sim-1", "messages": [{"role": "user", "content": "say hello"}]}


def send(
    url: str,
    *,
    body: Any = None,
    framing: Framing = Framing.BODY,
    timeouts: Timeouts = QUICK,
    times: int = 1,
    keep_open: bool = False,
    **channel: Any,
) -> Exchange:
    """One exchange (the last of `times` on one channel); every data event that is not a comment counts as text."""

    async def main() -> Exchange:
        opened = open_channel(url, **{"env": {}, **channel})
        request = Request("POST" if body is not None else "GET", url, {}, body, framing)
        try:
            for _ in range(times):
                seen = await exchange(opened, request, timeouts, read_event, keep_open=keep_open)
        finally:
            await opened.aclose()
        return seen

    return asyncio.run(main())


def read_event(event: StreamEvent) -> Mark:
    if event.data == "[DONE]":
        return Mark.END
    return (
        Mark.TEXT
        if '"content": "' in event.data and '"content": ""' not in event.data.split("}}")[-1]
        else Mark.HEARTBEAT
    )


def stream(url: str, **changes: Any) -> Exchange:
    return send(url + "/chat/completions", body={**CHAT, "stream": True}, framing=Framing.SSE, **changes)


def chat(url: str, **changes: Any) -> Exchange:
    return send(url + "/chat/completions", body=CHAT, **changes)


@contextmanager
def raw_server(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A socket that does just what a test says, once."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            handle(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    server.close()
    thread.join(5)


def test_phases_are_complete_ordered_and_disjoint(sim: Served) -> None:
    """Durations first, then instants since the start; all of them fit into the total."""
    seen = stream(sim.at("ok"))
    t = seen.timings

    assert seen.failure is None
    assert (seen.phase, seen.status, seen.connection, seen.http_version) == (Phase.DONE, 200, "new", "1.1")
    assert t.dns_s == 0.0
    assert None not in (t.connect_s, t.send_s, t.headers_s, t.first_event_s, t.ttft_s, t.total_s)
    assert (t.dns_s or 0) + (t.connect_s or 0) + (t.send_s or 0) <= (t.headers_s or 0)
    assert (t.headers_s or 9) <= (t.first_event_s or 0) <= (t.ttft_s or 0) < (t.total_s or 0)
    assert t.tls_s is None
    assert seen.peer == sim.url.removeprefix("http://")


def test_a_reused_connection_has_no_connection_phases(sim: Served) -> None:
    """Absent, not zero."""
    seen = chat(sim.at("ok"), times=2)

    assert seen.connection == "reused"
    assert (seen.timings.dns_s, seen.timings.connect_s, seen.timings.tls_s) == (None, None, None)
    assert seen.timings.headers_s is not None


def test_the_stock_network_measures_too_and_says_so(sim: Served) -> None:
    """Without our own backend: trace events, `clock: user`."""
    seen = stream(sim.at("ok"), stock_network=True)

    assert seen.clock == "user"
    assert seen.connection == "new"
    assert seen.timings.connect_s is not None
    assert seen.timings.dns_s is None
    assert (seen.timings.headers_s or 9) < (seen.timings.total_s or 0)


def test_the_private_attribute_of_httpx_is_there() -> None:
    """If a new httpx moves it, the stock network takes over; this test says that it is time to look."""
    assert open_channel("http://127.0.0.1/", env={}).backend is not None


@pytest.mark.skipif(
    not hasattr(socket, "SO_TIMESTAMPNS") and __import__("sys").platform != "linux",
    reason="kernel stamps are Linux's",
)
def test_the_kernel_stamps_what_arrives(sim: Served) -> None:
    assert stream(sim.at("ok")).clock == "kernel"


def test_tokens_are_timed_by_their_arrival(sim: Served) -> None:
    """Drip-fed 50 ms apart, the gaps are at least that long."""
    seen = stream(sim.at("drip:50ms"))

    assert seen.content_events == 8
    assert (seen.timings.itl_p50_s or 0) >= 0.045
    assert (seen.timings.longest_silence_s or 0) >= 0.045
    assert seen.timings.itl_p95_s is None, "seven gaps cannot carry a p95"


@pytest.mark.parametrize(
    ("behaviour", "kind", "phase"),
    [
        ("no_headers", FailureKind.HEADERS_TIMEOUT, Phase.HEADERS),
        ("no_first_token", FailureKind.FIRST_TOKEN_TIMEOUT, Phase.FIRST_TOKEN),
        ("stall", FailureKind.STALL_TIMEOUT, Phase.STREAM),
        ("stall_heartbeat", FailureKind.STALL_TIMEOUT, Phase.STREAM),
        ("drip:250ms", FailureKind.TOTAL_TIMEOUT, Phase.STREAM),
        ("reset", FailureKind.RESET, Phase.HEADERS),
        ("hang_up", FailureKind.RESET, Phase.HEADERS),
        ("cut", FailureKind.RESET, Phase.STREAM),
        ("reset_stream", FailureKind.RESET, Phase.STREAM),
        ("not_http", FailureKind.NOT_HTTP, Phase.HEADERS),
        ("endless", FailureKind.TOO_LARGE, Phase.FIRST_TOKEN),
    ],
)
def test_each_failure_is_named_with_its_phase(
    sim: Served, behaviour: str, kind: FailureKind, phase: Phase
) -> None:
    """Heartbeats reset neither the first-token nor the stall deadline."""
    seen = stream(sim.at(behaviour))

    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (kind, phase)
    assert seen.timings.total_s is not None


def test_a_total_that_strikes_in_a_phase_is_named_after_the_phase(sim: Served) -> None:
    """`timeout` alone still says where the time went."""
    seen = stream(sim.at("no_headers"), timeouts=Timeouts(total_s=0.3, connect_s=0.3))
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.limit_s) == (FailureKind.HEADERS_TIMEOUT, 0.3)


def test_a_stalled_server_keeps_the_timings_up_to_where_it_ended(sim: Served) -> None:
    t = stream(sim.at("stall")).timings
    assert None not in (t.connect_s, t.headers_s, t.ttft_s)
    assert (t.longest_silence_s or 0) >= 0.29


def test_a_body_that_never_ends_is_given_up(sim: Served) -> None:
    seen = chat(sim.at("endless"), timeouts=Timeouts(total_s=10))
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.TOO_LARGE


def test_nobody_listens(refused_url: str) -> None:
    seen = chat(refused_url)
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (FailureKind.CONNECT, Phase.CONNECT)
    assert any(link.errno == 111 or link.errno == 61 for link in seen.failure.chain)


def test_a_name_that_does_not_exist() -> None:
    seen = chat("http://no-such-host.invalid")
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (FailureKind.DNS, Phase.RESOLVE)


def test_a_host_that_swallows_packets_is_a_connect_timeout() -> None:
    """A full accept queue: SYNs are dropped, as by a firewall."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    port = server.getsockname()[1]
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    seen = chat(f"http://127.0.0.1:{port}", timeouts=Timeouts(total_s=2, connect_s=0.3))
    for sock in (*fillers, server):
        sock.close()

    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (FailureKind.CONNECT_TIMEOUT, Phase.CONNECT)


@pytest.mark.parametrize(("certificate", "code"), [("expired", 10), ("self-signed", 18), ("wrong-host", 64)])
def test_each_bad_certificate_is_told_apart(
    serve: Callable[..., Served], tmp_path: Path, certificate: str, code: int
) -> None:
    """By OpenSSL's verify code, not by words."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    seen = chat(serve(certificate=certificate).url, ca_bundle=str(ca))

    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (FailureKind.TLS, Phase.TLS)
    assert code in {link.verify_code for link in seen.failure.chain}


def test_an_unknown_ca_is_told_apart(serve: Callable[..., Served]) -> None:
    """The simulator's CA is in no system's store."""
    seen = chat(serve(certificate="trusted").url)
    assert seen.failure is not None
    assert {20, 19} & {link.verify_code for link in seen.failure.chain}


def test_tls_is_measured_and_its_facts_are_kept(serve: Callable[..., Served], tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    seen = stream(serve(certificate="trusted", tls_delay_s=0.1).url, ca_bundle=str(ca))

    assert seen.failure is None
    assert (seen.timings.tls_s or 0) >= 0.09
    assert seen.tls is not None
    assert seen.tls.version == "TLSv1.3"
    assert seen.tls.expires_at == "2119-12-31T00:00:00Z"
    assert seen.tls.issuer == "llmprobe simulator"


def test_https_to_a_plain_port_and_http_to_a_tls_port(sim: Served, serve: Callable[..., Served]) -> None:
    """Both mistakes of scheme are told as what they are."""
    https = chat(sim.url.replace("http:", "https:"))
    http = chat(serve(certificate="trusted").url.replace("https:", "http:"))

    assert https.failure is not None
    assert https.failure.kind is FailureKind.TLS
    assert any(
        "WRONG_VERSION" in (link.reason or "") or "RECORD" in (link.reason or "")
        for link in https.failure.chain
    )
    assert http.failure is not None
    assert http.failure.kind in (FailureKind.NOT_HTTP, FailureKind.RESET)


def test_a_server_that_demands_an_old_tls_version_fails_as_tls() -> None:
    """A protocol alert, not a reset."""

    def handle(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(bytes([0x15, 3, 3, 0, 2, 2, 70]))

    with raw_server(handle) as url:
        seen = chat(url.replace("http:", "https:"))
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.TLS
    assert any("PROTOCOL_VERSION" in (link.reason or "") for link in seen.failure.chain)


def test_a_connection_reset_during_the_handshake_is_a_reset_in_tls() -> None:
    """As by a firewall that filters host names."""

    def handle(client: socket.socket) -> None:
        client.recv(10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with raw_server(handle) as url:
        seen = chat(url.replace("http:", "https:"))
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.phase) == (FailureKind.RESET, Phase.TLS)


def test_distinct_trust_settings_have_one_context_each(tmp_path: Path) -> None:
    """Building one costs 20 ms; sharing costs nothing."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())

    assert context_for(trust_from(None, True, {})) is context_for(trust_from(None, True, {}))
    assert context_for(trust_from(None, True, {"SSL_CERT_FILE": str(ca)})) is not context_for(
        trust_from(None, True, {})
    )
    assert trust_from(None, True, {"REQUESTS_CA_BUNDLE": str(ca)}).source == "REQUESTS_CA_BUNDLE"
    assert trust_from(None, True, {"SSL_CERT_DIR": str(tmp_path)}).ca_dir == str(tmp_path)
    assert context_for(trust_from(None, False, {})).verify_mode is ssl.CERT_NONE


def test_trust_is_loaded_before_the_clocks_start(tmp_path: Path) -> None:
    """A bundle that is read in the middle of a run would hold up everybody's clock by 20 ms."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    targets = [
        a_target("https://127.0.0.1:1", ca_bundle=str(ca)),
        a_target("https://127.0.0.1:1", verify_tls=False, http2=True),
        a_target("http://127.0.0.1:1"),
        a_target("https://127.0.0.1:1", ca_bundle=str(tmp_path / "not-there.pem")),
    ]
    context_for.cache_clear()
    warm_up(targets)
    loaded = context_for.cache_info().misses
    for target in targets[:3]:
        open_channel(
            target.base_url,
            ca_bundle=target.ca_bundle,
            verify_tls=target.verify_tls,
            http2=target.http2,
            env={},
        )

    assert context_for.cache_info().misses == loaded == 3
    assert context_for.cache_info().currsize == 2


def test_the_environment_s_ca_bundle_is_believed(serve: Callable[..., Served], tmp_path: Path) -> None:
    """A CA made for this test, named by SSL_CERT_FILE as companies do."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)

    def handle(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    with raw_server(handle) as url:
        seen = chat(url.replace("http:", "https:"), env={"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert (seen.failure, seen.status) == (None, 200)


def test_a_session_ticket_is_no_answer(serve: Callable[..., Served], tmp_path: Path) -> None:
    """TLS 1.3 tickets arrive before the answer: the clock waits for the headers."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    seen = chat(serve(certificate="trusted").at("slow_headers:200ms"), ca_bundle=str(ca))
    assert (seen.timings.headers_s or 0) >= 0.2


def test_a_whole_answer_whose_body_never_ends_is_no_failure() -> None:
    """Reading on for the sake of the connection is neither counted nor waited for long."""
    event = b'data: {"choices": [{"delta": {"content": "hi"}}]}\n\ndata: [DONE]\n\n'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    until_given_up = []

    def handle(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(head + b"%x\r\n%s\r\n" % (len(event), event))
        until_given_up.append(client.recv(1))

    with raw_server(handle) as url:
        began = time.perf_counter()
        seen = stream(url, keep_open=True)
        took = time.perf_counter() - began
    assert (seen.failure, seen.status) == (None, 200)
    assert seen.timings.total_s is not None
    assert took - seen.timings.total_s >= READ_OUT_S * 0.9
    assert until_given_up == [b""]


def proxy(answer: bytes, seen: list[bytes]) -> Callable[[socket.socket], None]:
    def handle(client: socket.socket) -> None:
        seen.append(client.recv(4096))
        client.sendall(answer)

    return handle


def test_a_proxy_that_wants_credentials() -> None:
    """407 to CONNECT is the proxy's word, not the provider's."""
    seen: list[bytes] = []
    with raw_server(
        proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", seen)
    ) as url:
        found = chat("https://api.example.com", proxy=url)
    assert seen[0].startswith(b"CONNECT api.example.com:443")
    assert found.failure is not None
    assert found.failure.kind is FailureKind.PROXY
    assert any("407" in link.message for link in found.failure.chain)


def test_a_proxy_that_cannot_be_reached(refused_url: str) -> None:
    found = chat("https://api.example.com", proxy=refused_url)
    assert found.failure is not None
    assert (found.failure.kind, found.proxy) == (FailureKind.PROXY, refused_url)


def test_a_tunnel_is_measured_like_a_direct_way(serve: Callable[..., Served], tmp_path: Path) -> None:
    """Through CONNECT: TLS is the origin's, headers are the answer's, and no key reaches the proxy."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    origin = serve(certificate="trusted")
    port = int(origin.url.rsplit(":", 1)[1])
    asked: list[bytes] = []

    def tunnel(client: socket.socket) -> None:
        asked.append(client.recv(4096))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(client, port)

    with raw_server(tunnel) as url:
        seen = chat(origin.at("slow_headers:100ms"), proxy=url, ca_bundle=str(ca))
    assert (seen.failure, seen.status) == (None, 200)
    assert (seen.timings.headers_s or 0) >= 0.1
    assert seen.timings.tls_s is not None
    assert seen.tls is not None
    assert asked[0].startswith(b"CONNECT 127.0.0.1")


def relay(client: socket.socket, port: int) -> None:
    """Bytes both ways between a client and a port of this machine."""
    upstream = socket.create_connection(("127.0.0.1", port))
    back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
    back.start()
    pump(client, upstream)
    back.join(5)
    upstream.close()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_request_leaves_in_one_piece() -> None:
    """Headers and body in one segment: two of them meet Nagle and delayed ACK."""
    pieces: list[bytes] = []
    with raw_server(proxy(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", pieces)) as url:
        chat(url)
    assert pieces[0].endswith(b"}")


def test_no_redirect_is_followed(sim: Served) -> None:
    """A key must not travel to wherever a server points."""
    seen = chat(sim.at("redirect"))
    assert (seen.status, seen.header("Location")) == (307, "https://elsewhere.example/v1")


def test_compressed_answers_are_read() -> None:
    import gzip

    body = gzip.compress(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with raw_server(proxy(head + body, [])) as url:
        assert chat(url).body == b'{"a": 1}'


def test_a_body_that_lies_about_its_encoding_is_a_broken_answer() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"
    with raw_server(proxy(head, [])) as url:
        seen = chat(url)
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.UNDECODABLE


def test_every_error_of_httpx_has_a_kind() -> None:
    """A new class of httpx must not fall through to a crash."""
    names = [getattr(httpx, name) for name in httpx.__all__ if isinstance(getattr(httpx, name), type)]
    errors = [e for e in names if issubclass(e, httpx.TransportError)]

    assert len(errors) > 10
    for error in errors:
        assert failure_from(error("x"), Phase.HEADERS).kind in FailureKind


def test_pytest_httpx_still_reaches_our_transport(httpx_mock: HTTPXMock) -> None:
    """Under a mock there are no trace events and no stream: facts are absent, not invented."""
    httpx_mock.add_response(json={"choices": []})
    seen = chat("https://api.example.com/v1")

    assert (seen.status, seen.failure) == (200, None)
    assert (seen.timings.connect_s, seen.peer, seen.clock, seen.connection) == (None, None, "user", None)
    assert seen.timings.headers_s is not None


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout(""),
        httpx.ConnectTimeout(""),
        httpx.RemoteProtocolError("x"),
        httpx.UnsupportedProtocol("x"),
    ],
)
def test_errors_from_below_become_failures(httpx_mock: HTTPXMock, error: Exception) -> None:
    httpx_mock.add_exception(error)
    assert chat("https://api.example.com/v1").failure is not None


def test_an_interrupted_exchange_leaves_nothing_open(sim: Served) -> None:
    """Cancelled in the middle, the socket is closed (an open one would warn, and warnings are errors)."""

    async def main() -> None:
        opened = open_channel(sim.url, env={})
        request = Request(
            "POST", sim.at("stall") + "/chat/completions", {}, {**CHAT, "stream": True}, Framing.SSE
        )
        task = asyncio.ensure_future(
            exchange(opened, request, replace(QUICK, stall_s=9, total_s=9), read_event)
        )
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await opened.aclose()

    asyncio.run(main())
