"""`buffered` is said only where the pattern of arrival proves that something held the stream back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest
from msgspec.structs import replace

from llmprobe.engine.outcome.buffering import held_back
from llmprobe.model import Category, Exchange, Phase, ProbeKind, Result, Status, Timeouts, Timings
from tests.support import a_target, check_one

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nvia: 1.1 proxy.example\r\nserver: nginx\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_CHOICE = b'data: {"id":"x","model":"sim-1","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}\n\n'
ROLE = _CHOICE % (b'{"role":"assistant","content":""}', b"null")
WORD = _CHOICE % (b'{"content":"word "}', b"null")
END = _CHOICE % (b"{}", b'"stop"') + b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def seen(*answers: list[tuple[float, bytes]]) -> Result:
    """The result where a server answers one request after the other so: (seconds before, bytes)."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for writes in answers:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                for pause, data in writes:
                    time.sleep(pause)
                    client.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
    try:
        return check_one(a_target(url, timeouts=Timeouts(total_s=9)), ProbeKind.STREAM)
    finally:
        thread.join(9)
        server.close()


HELD = [(0.7, HEAD + chunk(ROLE + WORD * 8 + END) + b"0\r\n\r\n")]
LATE_BURST = [(0.0, HEAD + chunk(ROLE)), (0.8, chunk(WORD * 8 + END) + b"0\r\n\r\n")]
QUICK_SERVER = [(0.7, HEAD + chunk(ROLE) + chunk(WORD) * 8 + chunk(END) + b"0\r\n\r\n")]
STREAMED = [(0.7, HEAD + chunk(ROLE)), *[(0.02, chunk(WORD))] * 8, (0.02, chunk(END) + b"0\r\n\r\n")]


def test_a_stream_in_one_piece_after_a_wait_is_buffered_and_the_proxy_is_named() -> None:
    result = seen(HELD, HELD)
    assert (result.status, result.category) == (Status.DEGRADED, Category.BUFFERED)
    assert "8 pieces arrived in one" in result.reason
    assert "Via: 1.1 proxy.example" in result.reason
    assert "Server: nginx" in result.reason
    assert len(result.attempts) == 2, "once may be chance"


def test_a_first_frame_and_then_a_burst_is_buffered() -> None:
    result = seen(LATE_BURST, LATE_BURST)
    assert result.category is Category.BUFFERED
    assert "a first frame, then 8 pieces in one" in result.reason


@pytest.mark.parametrize("answer", [QUICK_SERVER, STREAMED], ids=["a piece for each event", "streamed"])
def test_events_that_the_server_sent_apart_prove_nothing(answer: list[tuple[float, bytes]]) -> None:
    """They may share a read: a quick server, or a network that delivered late."""
    result = seen(answer)
    assert result.category is Category.OK, result.reason
    assert len(result.attempts) == 1


def test_a_burst_that_does_not_come_again_is_a_note() -> None:
    result = seen(HELD, STREAMED)
    assert result.category is Category.OK
    assert any("8 pieces arrived in one" in note for note in result.notes)


def test_lost_segments_explain_a_burst() -> None:
    timings = Timings(headers_s=1.0, first_event_s=1.001, ttft_s=1.001, total_s=1.002)
    burst = Exchange(
        Phase.DONE, timings, content_reads=1, content_events=8, content_pieces=1, lost_segments=0
    )
    assert held_back(burst)
    assert held_back(replace(burst, lost_segments=1)) is None
    assert held_back(replace(burst, content_pieces=8)) is None
    assert held_back(replace(burst, timings=replace(timings, total_s=2.0))) is None
