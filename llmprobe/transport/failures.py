"""From exceptions to `Failure`: types and numbers first, words only as evidence for people."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from llmprobe.foreign import clean
from llmprobe.model import Failure, FailureKind, Link, Phase
from llmprobe.transport.decoding import UndecodableError
from llmprobe.transport.intake import Spent, TooLargeError, over_budget

_HEAD_TOO_LARGE = 431
_BEFORE_THE_ANSWER = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.SEND)
_CONNECTING = (Phase.RESOLVE, Phase.CONNECT)

_KINDS: tuple[tuple[tuple[type[BaseException], ...], FailureKind], ...] = (
    ((TooLargeError,), FailureKind.TOO_LARGE),
    ((UndecodableError,), FailureKind.UNDECODABLE),
    ((httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError), FailureKind.UNSENDABLE),
    ((httpx.ProxyError,), FailureKind.PROXY),
    ((socket.gaierror,), FailureKind.DNS),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), FailureKind.RESET),
    ((ConnectionResetError, BrokenPipeError, ConnectionAbortedError), FailureKind.RESET),
    ((ssl.SSLError,), FailureKind.TLS),
    ((httpx.RemoteProtocolError,), FailureKind.PROTOCOL),
    ((httpx.ConnectError, httpx.ConnectTimeout), FailureKind.CONNECT),
    ((httpx.NetworkError, OSError), FailureKind.RESET),
    ((httpx.HTTPError, httpx.StreamError), FailureKind.PROTOCOL),
)
"""The first line of which an exception of the chain is an instance."""


def failure_from(exc: BaseException, phase: Phase, *, via_proxy: bool = False) -> Failure:
    """
    What an exception of httpx (or of ours) means, with its whole chain as evidence.

    Args:
        exc: As caught around an exchange.
        phase: Where the exchange was when it happened.
        via_proxy: Whether the first connection went to a proxy.
    """
    chain = list(_walk(exc))
    kind = _kind(chain, phase, via_proxy)
    if kind is FailureKind.DNS:
        phase = Phase.RESOLVE
    if kind is FailureKind.UNSENDABLE:  # these errors quote the URL or the header, which may be the key
        return Failure(kind, phase, (Link(_name_of(chain[0])),), detail=_unsendable(chain))
    return Failure(kind, phase, tuple(map(_link, chain)), detail=_detail(chain))


def _unsendable(chain: list[BaseException]) -> str:
    if any(isinstance(e, httpx.LocalProtocolError) for e in chain):
        return "a header or the path holds a character that HTTP does not allow"
    return "its URL is not valid"


def _name_of(exc: BaseException) -> str:
    return f"{type(exc).__module__}.{type(exc).__qualname__}"


def _walk(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        # httpcore's pool raises `from None`, which hides the cause from tracebacks only
        exc = exc.__cause__ or exc.__context__


def _kind(chain: list[BaseException], phase: Phase, via_proxy: bool) -> FailureKind:
    if via_proxy and phase in _CONNECTING:
        return FailureKind.PROXY
    if _is_long_head(chain):
        return FailureKind.TOO_LARGE
    kind = next((kind for types, kind in _KINDS if any(isinstance(e, types) for e in chain)), None)
    if kind is FailureKind.RESET and phase in _CONNECTING:
        return FailureKind.CONNECT
    if kind is FailureKind.UNSENDABLE and phase not in _BEFORE_THE_ANSWER:
        return FailureKind.PROTOCOL  # h2 blames itself, too, for what a server sent
    if kind is FailureKind.PROTOCOL and _is_hang_up(chain):
        return FailureKind.RESET
    return kind or FailureKind.UNSENDABLE


def _is_long_head(chain: list[BaseException]) -> bool:
    """h11 hints at the status that a server would answer with: 431 is a head beyond its limit."""
    return any(getattr(e, "error_status_hint", None) == _HEAD_TOO_LARGE for e in chain)


def _is_hang_up(chain: list[BaseException]) -> bool:
    """h11 and h2 say it in words only: the peer closed, or sent GOAWAY, before the answer was complete."""
    text = " ".join(map(str, chain)).lower()
    return any(
        words in text
        for words in (
            "disconnected",
            "peer closed",
            "incomplete",
            "connectionterminated",
            "closed connection",
        )
    )


def _link(exc: BaseException) -> Link:
    is_ssl = isinstance(exc, ssl.SSLError)
    return Link(
        type=_name_of(exc),
        message=clean(str(exc), 500),
        errno=exc.errno if isinstance(exc, OSError) and not is_ssl else None,
        verify_code=getattr(exc, "verify_code", None) if is_ssl else None,
        reason=exc.reason if isinstance(exc, ssl.SSLError) and isinstance(exc.reason, str) else None,
    )


def _detail(chain: list[BaseException]) -> str:
    """The innermost message that says something."""
    if _is_long_head(chain):
        return str(over_budget(Spent.HEAD))
    return next((clean(str(e), 300) for e in reversed(chain) if str(e)), "")
