"""Cutting bytes into events: server-sent events and JSON lines, with size limits."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

from llmprobe.model import Framing, StreamEvent
from llmprobe.transport.decoding import UndecodableError
from llmprobe.transport.intake import TooLargeError

MAX_LINE_CHARS = 256 << 10
"""Of a line, and of an event: the longest seen has 3,000, and each is read in one go."""


class Decoder(Protocol):
    """Bytes in as they arrive, events out as they are complete; `lines` counts what was read."""

    @property
    def lines(self) -> int: ...

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]: ...

    def finish(self) -> Iterator[StreamEvent]: ...


def decoder_for(framing: Framing) -> Decoder:
    """A fresh decoder; a body has no events and needs none."""
    return SseDecoder() if framing is Framing.SSE else LinesDecoder()


class _LineSplitter:
    """Lines end at CR, LF or CRLF only, also where a chunk ends between the two."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._open: list[str] = []
        self._size = 0
        self._after_cr = False
        self.count = 0

    def feed(self, chunk: bytes, *, final: bool = False) -> list[str]:
        """
        The lines that are complete now.

        Raises:
            TooLargeError: One is longer than we are willing to hold.
            UndecodableError: NUL characters: what comes is UTF-16, or no text at all.
        """
        text = self._decode(chunk, final)
        if "\0" in text:
            raise UndecodableError("the stream is not UTF-8 (UTF-16, or no text at all)")
        if not text:
            return []
        if self._after_cr:
            text = text.removeprefix("\n")
        self._after_cr = text.endswith("\r")
        return self._cut(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))

    def finish(self) -> list[str]:
        lines = self.feed(b"", final=True)
        rest = "".join(self._open)
        return [*lines, rest] if rest else lines

    def _cut(self, parts: list[str]) -> list[str]:
        """What is no line yet is kept in pieces: joined once, however small they come."""
        self._open.append(parts[0])
        self._size += len(parts[0])
        if self._size > MAX_LINE_CHARS:
            raise TooLargeError(f"a line of more than {MAX_LINE_CHARS:,} characters")
        if len(parts) == 1:
            return []
        parts[0] = "".join(self._open)
        self._open = [parts.pop()]
        self._size = len(self._open[0])
        self.count += len(parts)
        return parts


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

    @property
    def lines(self) -> int:
        return self._lines.count

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        return self._events(self._lines.feed(chunk))

    def finish(self) -> Iterator[StreamEvent]:
        yield from self._events(self._lines.finish())
        yield from self._dispatch()

    def _events(self, lines: list[str]) -> Iterator[StreamEvent]:
        for line in lines:
            if line:
                self._take(line)
            elif self._size:
                yield from self._dispatch()

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")
        self._size += len(line)
        if self._size > MAX_LINE_CHARS:
            raise TooLargeError(f"an event of more than {MAX_LINE_CHARS:,} characters")
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

    @property
    def lines(self) -> int:
        return self._lines.count

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        for line in self._lines.feed(chunk):
            if line.strip():
                yield StreamEvent(line)

    def finish(self) -> Iterator[StreamEvent]:
        for line in self._lines.finish():
            if line.strip():
                yield StreamEvent(line)
