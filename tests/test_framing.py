"""Server-sent events and JSON lines, cut at any byte."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.model import Framing, StreamEvent
from llmprobe.transport.decoding import UndecodableError
from llmprobe.transport.framing import MAX_LINE_CHARS, decoder_for
from llmprobe.transport.intake import TooLargeError


def decode(data: bytes, framing: Framing = Framing.SSE, cut: int | None = None) -> list[StreamEvent]:
    decoder = decoder_for(framing)
    size = cut or len(data) or 1
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    return [*(e for chunk in chunks for e in decoder.feed(chunk)), *decoder.finish()]


STREAM = (
    "event: ping\r\ndata: {}\r\n\r\n: comment\n\ndata: ä€😀\ndata: second\n\nid: 7\nretry: 5\ndata:nospace\r\rdata: last"
).encode()


@given(st.integers(min_value=1, max_value=40))
def test_events_do_not_depend_on_where_the_bytes_are_cut(cut: int) -> None:
    """Also in the middle of a character, and between CR and LF."""
    assert decode(STREAM, cut=cut) == [
        StreamEvent("{}", "ping"),
        StreamEvent("ä€😀\nsecond"),
        StreamEvent("nospace"),
        StreamEvent("last"),
    ]


def test_comments_and_blank_lines_are_no_events() -> None:
    assert decode(b": OPENROUTER PROCESSING\n\n\n\n: keep-alive\n\n") == []


def test_unicode_line_separators_do_not_end_a_line() -> None:
    """Only CR, LF and CRLF do; a JSON text may hold U+2028."""
    assert decode("data: a\u2028b\x85c\n\n".encode()) == [StreamEvent("a\u2028b\x85c")]


def test_bare_json_between_events_is_kept_as_evidence() -> None:
    """Google ends a failing stream with a pretty-printed error without `data:`."""
    events = decode(b'data: {"a": 1}\n\n{\n  "error": {\n    "code": 499\n  }\n}\n')

    assert events[0] == StreamEvent('{"a": 1}')
    assert events[1].stray
    assert '"code": 499' in events[1].data


def test_a_line_that_starts_with_error_is_kept_as_evidence() -> None:
    assert decode(b'error: {"message": "x"}\n\n') == [StreamEvent('{"message": "x"}', stray=True)]


def test_a_byte_order_mark_is_skipped() -> None:
    assert decode(b"\xef\xbb\xbfdata: x\n\n") == [StreamEvent("x")]


def test_json_lines_skip_blank_ones() -> None:
    assert decode(b'{"a":1}\n\n{"b":2}', Framing.LINES) == [StreamEvent('{"a":1}'), StreamEvent('{"b":2}')]


@pytest.mark.parametrize("framing", [Framing.SSE, Framing.LINES])
def test_an_endless_line_is_refused(framing: Framing) -> None:
    """A hostile server makes a result fail, not the process."""
    with pytest.raises(TooLargeError):
        decode(b"x" * (MAX_LINE_CHARS + 2), framing, cut=65536)


def test_an_endless_event_is_refused() -> None:
    with pytest.raises(TooLargeError):
        decode(b"data: xxxxxxxxxxxxxxxxxxxxxxxx\n" * (MAX_LINE_CHARS // 16), cut=65536)


@given(st.binary(max_size=400), st.integers(min_value=1, max_value=50))
def test_no_bytes_make_the_decoders_raise_anything_unforeseen(data: bytes, cut: int) -> None:
    """Whatever is no UTF-8 text is told as that; all else is events."""
    for framing in (Framing.SSE, Framing.LINES):
        try:
            events = decode(data, framing, cut=cut)
        except UndecodableError:
            assert b"\0" in data
        else:
            assert all(isinstance(event, StreamEvent) for event in events)


@given(
    st.lists(
        st.sampled_from(
            ["\r", "\n", "\r\n", "data: x", "data:", ": c", "event: e", "", "stray", "error: {}"]
        ),
        max_size=30,
    )
)
def test_events_are_the_same_in_one_piece_and_byte_by_byte(parts: list[str]) -> None:
    data = "".join(parts).encode()
    assert decode(data, cut=1) == decode(data)


def test_utf_16_is_not_taken_for_a_stream_of_heartbeats() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(UndecodableError):
            decode("data: {}\n\n".encode(encoding))


def test_a_long_line_in_small_pieces_is_joined_once() -> None:
    """Joined at every piece, 1 MB in pieces of 64 bytes would copy 8 GB."""
    began = time.perf_counter()
    decode(b"data: " + b"x" * (MAX_LINE_CHARS - 100) + b"\n\n", cut=4096)
    once = time.perf_counter() - began
    began = time.perf_counter()
    decode(b"data: " + b"x" * (MAX_LINE_CHARS - 100) + b"\n\n", cut=64)
    assert time.perf_counter() - began < 100 * once + 1.0
