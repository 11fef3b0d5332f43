"""Our own HTTP/1.1 connection below httpx: what a server may do on one, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from llmprobe.model import Exchange, FailureKind, Phase, Request
from llmprobe.transport import exchange, open_channel
from llmprobe.transport.network import Http1Connection
from tests.support import Served
from tests.test_transport import QUICK, chat, raw_server, read_event, send

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def says(*pieces: bytes) -> Callable[[socket.socket], None]:
    """Reads one request, says this, closes."""

    def handle(client: socket.socket) -> None:
        client.recv(65536)
        for piece in pieces:
            client.sendall(piece)

    return handle


@contextlib.contextmanager
def server_of_many(answers: list[bytes]) -> Iterator[tuple[str, list[int]]]:
    """Every connection gets every answer until it is closed; the list counts requests by connection."""
    server = socket.create_server(("127.0.0.1", 0))
    requests: list[int] = []

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            requests.append(0)
            with client:
                for answer in answers:
                    if not client.recv(65536):
                        break
                    requests[-1] += 1
                    client.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", requests
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)  # closing alone does not wake `accept`
    server.close()
    thread.join(5)


def test_a_plain_way_has_no_pool_and_the_others_do() -> None:
    """A proxy and HTTP/2 need httpcore's pool; so does the stock network."""

    def is_ours(url: str, **settings: object) -> bool:
        channel = open_channel(url, **{"env": {}, **settings})  # type: ignore[arg-type]
        return isinstance(channel.transport._pool, Http1Connection)

    assert is_ours("http://127.0.0.1/")
    assert is_ours("https://127.0.0.1/", verify_tls=False)
    assert not is_ours("http://127.0.0.1/", proxy="http://127.0.0.1:3128")
    assert not is_ours("https://127.0.0.1/", verify_tls=False, http2=True)
    assert not is_ours("http://127.0.0.1/", stock_network=True)


def test_a_connection_that_the_server_keeps_is_used_again() -> None:
    with server_of_many([OK, OK]) as (url, requests):
        seen = send(url, times=2)
        assert (seen.connection, seen.status, seen.body) == ("reused", 200, b"{}")
        assert requests == [2]


def test_a_connection_that_the_server_has_closed_is_opened_anew() -> None:
    """What was closed while nobody looked is no failure of the next request."""

    async def twice(url: str) -> list[Exchange]:
        channel = open_channel(url, env={})
        request = Request("GET", url, {}, None)
        try:
            first = await exchange(channel, request, QUICK, read_event)
            await asyncio.sleep(0.1)
            return [first, await exchange(channel, request, QUICK, read_event)]
        finally:
            await channel.aclose()

    with server_of_many([OK]) as (url, requests):
        seen = asyncio.run(twice(url))
        assert [one.connection for one in seen] == ["new", "new"]
        assert [one.failure for one in seen] == [None, None]
        assert requests == [1, 1]


def test_an_answer_that_says_close_is_believed() -> None:
    closing = OK.replace(b"content-length", b"connection: close\r\ncontent-length")
    with server_of_many([closing, OK]) as (url, requests):
        assert send(url, times=2).connection == "new"
        assert requests == [1, 1]


def test_hints_before_the_answer_are_no_answer() -> None:
    """103 Early Hints and 100 Continue come before what counts."""
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    with raw_server(says(early, OK)) as url:
        seen = chat(url)
    assert (seen.status, seen.body, seen.failure) == (200, b"{}", None)


def test_an_answer_before_the_request_was_read_is_read() -> None:
    """A gateway may refuse a large body and close without reading it."""

    def refuse(client: socket.socket) -> None:
        client.recv(64)
        client.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        with contextlib.suppress(OSError):
            while client.recv(1 << 20):
                pass

    with raw_server(refuse) as url:
        assert send(url, body={"x": "y" * 3_000_000}).status == 413


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", FailureKind.RESET),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nwhatever", FailureKind.PROTOCOL),
        (b"+PONG\r\n\r\n", FailureKind.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", FailureKind.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\ncontent-le", FailureKind.RESET),
    ],
    ids=["nothing", "an upgrade that was not asked for", "no HTTP", "an endless head", "half a head"],
)
@pytest.mark.parametrize("pooled", [False, True], ids=["our connection", "httpcore's"])
def test_what_is_no_answer_is_told_apart(answer: bytes, kind: FailureKind, pooled: bool) -> None:
    """By both connections: where HTTP/2 may be spoken, httpcore's own pool is in use, also for HTTP/1.1."""
    with raw_server(says(answer)) as url:
        failure = chat(url, http2=pooled).failure
    assert failure is not None
    assert (failure.kind, failure.phase) == (kind, Phase.HEADERS)


def test_a_body_that_ends_too_early_is_told() -> None:
    with raw_server(says(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}")) as url:
        seen = chat(url)
    assert seen.status == 200
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.RESET


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    with raw_server(says(b"HTTP/1.1 200 OK\r\n\r\n{}")) as url:
        seen = chat(url)
    assert (seen.body, seen.failure) == (b"{}", None)


def test_http_1_0_is_spoken_to() -> None:
    with raw_server(says(b"HTTP/1.0 200 OK\r\n\r\n{}")) as url:
        seen = chat(url)
    assert (seen.http_version, seen.body) == ("1.0", b"{}")


def test_a_header_that_cannot_be_sent_is_our_own_mistake(sim: Served) -> None:
    async def main() -> Exchange:
        channel = open_channel(sim.url, env={})
        try:
            return await exchange(channel, Request("GET", sim.url, {"x": "a\nb"}, None), QUICK, read_event)
        finally:
            await channel.aclose()

    seen = asyncio.run(main())
    assert seen.status is None
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.UNSENDABLE
    assert "a\\nb" not in repr(seen.failure), "a header's value may be a key"
