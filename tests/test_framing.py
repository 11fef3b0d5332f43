"""Server-sent events and JSON lines, cut at any byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.model import Framing, StreamEvent
from llmprobe.transport.framing import MAX_LINE_CHARS, TooLargeError, decoder_for


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


@given(st.binary(max_size=400))
def test_no_bytes_make_the_decoders_raise(data: bytes) -> None:
    for framing in (Framing.SSE, Framing.LINES):
        assert all(isinstance(event, StreamEvent) for event in decode(data, framing, cut=7))
