"""Cutting bytes into events: server-sent events and JSON lines, with size limits."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Protocol

from llmprobe.model import Framing, StreamEvent

MAX_LINE_CHARS = 1 << 20
_LINE_END = re.compile(r"\r\n|\n|\r")


class TooLargeError(Exception):
    """A line or an event is larger than we are willing to hold."""


class Decoder(Protocol):
    """Bytes in as they arrive, events out as they are complete."""

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]: ...

    def finish(self) -> Iterator[StreamEvent]: ...


def decoder_for(framing: Framing) -> Decoder:
    """A fresh decoder; a body has no events and needs none."""
    return SseDecoder() if framing is Framing.SSE else LinesDecoder()


class _LineSplitter:
    """Lines end at CR, LF or CRLF only, also where a chunk ends between the two."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._rest = ""

    def feed(self, chunk: bytes, *, final: bool = False) -> list[str]:
        text = self._rest + self._decode(chunk, final)
        held_cr = "\r" if text.endswith("\r") and not final else ""
        lines = _LINE_END.split(text[: len(text) - len(held_cr)])
        self._rest = lines.pop() + held_cr
        if len(self._rest) > MAX_LINE_CHARS:
            raise TooLargeError(f"a line of more than {MAX_LINE_CHARS} characters")
        return lines

    def finish(self) -> list[str]:
        lines = self.feed(b"", final=True)
        return [*lines, self._rest] if self._rest else lines


class SseDecoder:
    """
    The event-stream grammar of the HTML standard, and what breaks it.

    Comments yield nothing. Lines that belong to no field (a bare JSON error,
    `error: {…}`) are gathered and yielded as one `stray` event: providers do
    send them, and they hold the reason. An event that the end of the stream
    cut off before its blank line is still yielded: Gemini omits that line.
    """

    def __init__(self) -> None:
        self._lines = _LineSplitter()
        self._data: list[str] = []
        self._name = ""
        self._stray: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        for line in self._lines.feed(chunk):
            yield from self._take(line)

    def finish(self) -> Iterator[StreamEvent]:
        for line in self._lines.finish():
            yield from self._take(line)
        yield from self._dispatch()

    def _take(self, line: str) -> Iterator[StreamEvent]:
        if not line:
            yield from self._dispatch()
            return
        field, _, value = line.partition(":")
        self._size += len(line)
        if self._size > MAX_LINE_CHARS:
            raise TooLargeError(f"an event of more than {MAX_LINE_CHARS} characters")
        if field == "data" and not self._stray:
            self._data.append(value.removeprefix(" "))
        elif field == "event" and not self._stray:
            self._name = value.strip()
        elif field == "error":
            self._stray.append(value.strip())
        elif field and field not in ("id", "retry"):
            self._stray.append(line)

    def _dispatch(self) -> Iterator[StreamEvent]:
        if self._data:
            yield StreamEvent("\n".join(self._data), self._name)
        if self._stray:
            yield StreamEvent("\n".join(self._stray), self._name, stray=True)
        self._data, self._name, self._stray, self._size = [], "", [], 0


class LinesDecoder:
    """One JSON value a line; empty lines are heartbeats."""

    def __init__(self) -> None:
        self._lines = _LineSplitter()

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        for line in self._lines.feed(chunk):
            if line.strip():
                yield StreamEvent(line)

    def finish(self) -> Iterator[StreamEvent]:
        for line in self._lines.finish():
            if line.strip():
                yield StreamEvent(line)
