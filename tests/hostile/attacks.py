"""The catalogue of bad servers: what each sends after the request was read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache

from msgspec import Struct

BLOCK = 64 << 10

_OK = b"HTTP/1.1 200 OK\r\n"
_JSON = b"content-type: application/json\r\n"
_SSE = b"content-type: text/event-stream\r\n"
_CHUNKED = b"transfer-encoding: chunked\r\n"
_STREAM = _OK + _SSE + b"\r\n"
_EVENT = b'data: {"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
_ANSWER = b'{"id":"x","model":"m","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'


class Attack(Struct, frozen=True):
    """
    What a server does to its client.

    `opening` is sent at once (a function where it is dear to make), then `block` again and again, `every_s` apart; with an empty `block` the
    connection is held open (`holds`) or closed. `tunnelled` answers a CONNECT instead of a request.
    """

    name: str
    opening: bytes | Callable[[], bytes] = b""
    block: bytes = b""
    every_s: float = 0.0
    holds: bool = False
    over_h2: bool = False
    tunnelled: bool = False

    def first_bytes(self) -> bytes:
        return self.opening if isinstance(self.opening, bytes) else self.opening()

    @property
    def is_endless(self) -> bool:
        return bool(self.block)


def _filled(piece: bytes) -> bytes:
    """A block of about 64 KiB: what one write sends."""
    return piece * max(1, BLOCK // len(piece))


@cache
def _bomb(size: int, *, layers: int = 1) -> bytes:
    """Zeros, gzipped once or several times over."""
    data = b"\0" * (1 << 20)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(data) for _ in range(size >> 20)) + packer.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


def _encoded(coding: bytes, body: bytes, kind: bytes = _JSON) -> bytes:
    length = b"content-length: %d\r\n" % len(body)
    return _OK + kind + b"content-encoding: " + coding + b"\r\n" + length + b"\r\n" + body


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One HTTP/2 frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


_H2_HELLO = _frame(4, 0, 0, b"") + _frame(4, 1, 0, b"")
_H2_HEAD = _frame(1, 4, 1, b"\x88")  # :status 200 of the static table
_MEGABYTE = b"y" * (1 << 20)

ATTACKS: tuple[Attack, ...] = (
    Attack("endless 1xx", block=_filled(b"HTTP/1.1 100 Continue\r\n\r\n")),
    Attack("endless hints", block=_filled(b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n")),
    Attack("one-byte chunks", _OK + _SSE + _CHUNKED + b"\r\n", _filled(b"1\r\n:\r\n")),
    Attack("one-byte chunks of JSON", _OK + _JSON + _CHUNKED + b"\r\n", _filled(b"1\r\n[\r\n")),
    Attack("chunk extensions", _OK + _SSE + _CHUNKED + b"\r\n", _filled(b"1;" + b"x" * 200 + b"\r\n:\r\n")),
    Attack("endless trailers", _OK + _JSON + _CHUNKED + b"\r\n2\r\n{}\r\n0\r\n", _filled(b"x: y\r\n")),
    Attack("endless headers", _OK, _filled(b"x-n: y\r\n")),
    Attack("one header of 1 MB", _OK + b"x: " + _MEGABYTE + b"\r\n\r\n"),
    Attack("endless status line", b"HTTP/1.1 200 ", _filled(b"O")),
    Attack("no line end at all", b"", _filled(b"x")),
    Attack("bare CR", _STREAM, _filled(b"\r")),
    Attack("empty data lines", _STREAM, _filled(b"data:\n")),
    Attack("empty events", _STREAM, _filled(b"data:\n\n")),
    Attack("comments", _STREAM, _filled(b": keep-alive\n\n")),
    Attack("blank lines", _STREAM, _filled(b"\n")),
    Attack("field names only", _STREAM, _filled(b"x\n")),
    Attack("tiny events", _STREAM, _filled(_EVENT)),
    Attack("one endless line", _STREAM + b"data: ", _filled(b"x")),
    Attack("one endless event", _STREAM, _filled(b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")),
    Attack("stray lines", _STREAM, _filled(b"oops oops oops oops\n")),
    Attack("endless body", _OK + _JSON + b"\r\n", _filled(b'[{"a": 1},')),
    Attack("endless brackets", _OK + _JSON + b"\r\n", _filled(b"[")),
    Attack("endless error page", b"HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\n\r\n", _filled(b"<p>")),
    Attack("millions of values", _OK + _JSON + b"\r\n[" + b"{}," * 1_200_000 + b"{}]"),
    Attack("millions of values in an event", _STREAM + b"data: [" + b"{}," * 340_000 + b"{}]\n\n"),
    Attack("bytes after a gzip member", _OK + _JSON + b"content-encoding: gzip\r\n\r\n" + gzip.compress(_ANSWER), _filled(b"\0")),
    Attack("endless gzip members", _OK + _JSON + b"content-encoding: gzip\r\n\r\n", _filled(gzip.compress(b""))),
    Attack("gzip bomb", lambda: _encoded(b"gzip", _bomb(128 << 20))),
    Attack("gzip bomb in a stream", lambda: _encoded(b"gzip", _bomb(128 << 20), _SSE)),
    Attack("gzip bomb in an error", lambda: _encoded(b"gzip", _bomb(128 << 20)).replace(b"200 OK", b"500 No", 1)),
    Attack("deflate bomb", lambda: _encoded(b"deflate", zlib.compress(b"\0" * (64 << 20), 1))),
    Attack("nested gzip bomb", lambda: _encoded(b"gzip, gzip", _bomb(256 << 20, layers=2))),
    Attack("ten layers of gzip", lambda: _encoded(b", ".join([b"gzip"] * 10), _bomb(64 << 20, layers=10))),
    Attack("unknown coding", _encoded(b"br", b"\x0b\x02\x80hi\x03")),
    Attack("a length of a terabyte", _OK + _JSON + b"content-length: 1099511627776\r\n\r\n", _filled(b" ")),
    Attack("a length that lies", _OK + _JSON + b"content-length: 100\r\n\r\n{}", holds=True),
    Attack("more than the length", _OK + _JSON + b"content-length: 2\r\n\r\n{}", _filled(b"{}")),
    Attack("drip of the head", b"HTTP/1.1 200 OK\r\nx: ", b"y", every_s=0.05),
    Attack("drip of the body", _STREAM, b":\n", every_s=0.05),
    Attack("silence", holds=True),
    Attack("SSH banner", b"SSH-2.0-OpenSSH_9.6\r\n"),
    Attack("SSH banner that stays", b"SSH-2.0-OpenSSH_9.6\r\n", holds=True),
    Attack("HTTP/0.9", b"<html>hello</html>\n"),
    Attack("UTF-16 stream", _STREAM + _EVENT.decode().encode("utf-16")),
    Attack("h2 pings", _H2_HELLO + _H2_HEAD, _filled(_frame(6, 0, 0, b"12345678")), over_h2=True),
    Attack("h2 settings", _H2_HELLO + _H2_HEAD, _filled(_frame(4, 0, 0, b"")), over_h2=True),
    Attack("h2 empty data", _H2_HELLO + _H2_HEAD, _filled(_frame(0, 0, 1, b"")), over_h2=True),
    Attack("h2 window updates", _H2_HELLO, _filled(_frame(8, 0, 0, b"\0\0\0\1")), over_h2=True),
    Attack("h2 continuations", _H2_HELLO + _frame(1, 0, 1, b"\x88"), _filled(_frame(9, 0, 1, b"\x0f\x00\x01x\x01y")), over_h2=True),
    Attack("1xx to CONNECT", block=_filled(b"HTTP/1.1 100 Continue\r\n\r\n"), tunnelled=True),
    Attack("endless headers to CONNECT", b"HTTP/1.1 200 OK\r\n", _filled(b"x-n: y\r\n"), tunnelled=True),
    Attack("silence to CONNECT", holds=True, tunnelled=True),
    Attack("noise after CONNECT", b"HTTP/1.1 200 OK\r\n\r\n", _filled(b"noise"), tunnelled=True),
)  # fmt: skip


def slug(name: str) -> str:
    """A name as a part of a path."""
    return name.lower().replace(" ", "-").replace("/", "-")


BY_SLUG: dict[str, Attack] = {slug(attack.name): attack for attack in ATTACKS}
