"""Content codings, undone while the bytes arrive and never faster than they are used."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from llmprobe.transport.intake import Intake, Spent

ACCEPTED = "gzip, deflate"
"""What the SDKs' clients ask for when no optional package is installed (httpx `_decoders.py`)."""
PIECE = 8 << 10
"""Most bytes that are handed on at once."""
_GZIP = zlib.MAX_WBITS | 16
_NAMES = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class UndecodableError(Exception):
    """What came is in a coding or a character set that cannot be read."""


class Plain:
    """No coding: the bytes, in pieces."""

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        if len(chunk) <= PIECE:
            yield chunk
            return
        for start in range(0, len(chunk), PIECE):
            yield chunk[start : start + PIECE]


class Inflater:
    """
    One gzip or deflate coding. What follows its end is counted and left alone, as browsers and SDKs do.

    `deflate` is zlib's format by the standard and bare by old habit: the first bytes decide.
    """

    def __init__(self, window_bits: int, intake: Intake) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        self._may_be_bare = window_bits == zlib.MAX_WBITS
        self._intake = intake

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Raises UndecodableError for broken data, TooLargeError for too much after its end."""
        if self._zlib.eof:
            self._intake.count(Spent.TRAILING, len(chunk))
            return
        while chunk and not self._zlib.eof:
            piece = self._inflate(chunk)
            chunk = self._zlib.unconsumed_tail
            if piece:
                yield piece
        self._intake.count(Spent.TRAILING, len(self._zlib.unused_data))

    def _inflate(self, chunk: bytes) -> bytes:
        try:
            piece = self._zlib.decompress(chunk, PIECE)
        except zlib.error as exc:
            if not self._may_be_bare:
                raise UndecodableError(f"its compressed data is broken ({exc})") from exc
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            self._may_be_bare = False
            return self._inflate(chunk)
        self._may_be_bare = False
        return piece


def decoder_of(coding: str | None, intake: Intake) -> Plain | Inflater:
    """
    The reader of a `Content-Encoding`.

    Raises:
        UndecodableError: Not one of `ACCEPTED`, or several of them on top of each other.
    """
    name = (coding or "").strip().lower()
    if name in ("", "identity", "none"):
        return Plain()
    if name not in _NAMES:
        raise UndecodableError(f"its content-encoding is “{name[:40]}”; llmprobe asked for {ACCEPTED}")
    return Inflater(_NAMES[name], intake)
