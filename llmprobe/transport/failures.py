"""From exceptions to `Failure`: types and numbers first, words only as evidence for people."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from llmprobe.model import Failure, FailureKind, Link, Phase
from llmprobe.transport.framing import TooLargeError

_CONNECTING = (Phase.RESOLVE, Phase.CONNECT)


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
    return Failure(kind, phase, tuple(map(_link, chain)), detail=_detail(chain))


def _walk(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        # httpcore's pool raises `from None`, which hides the cause from tracebacks only
        exc = exc.__cause__ or exc.__context__


def _kind(chain: list[BaseException], phase: Phase, via_proxy: bool) -> FailureKind:
    def has(*types: type[BaseException]) -> bool:
        return any(isinstance(e, types) for e in chain)

    if has(TooLargeError):
        return FailureKind.TOO_LARGE
    if has(httpx.ProxyError) or (via_proxy and phase in _CONNECTING):
        return FailureKind.PROXY
    if has(socket.gaierror):
        return FailureKind.DNS
    if has(
        ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError, ConnectionAbortedError
    ):
        return FailureKind.CONNECT if phase in _CONNECTING else FailureKind.RESET
    if has(ssl.SSLError):
        return FailureKind.TLS
    if has(httpx.RemoteProtocolError):
        return FailureKind.RESET if _is_hang_up(chain) else FailureKind.PROTOCOL
    if has(httpx.ConnectError, httpx.ConnectTimeout):
        return FailureKind.CONNECT
    if has(httpx.NetworkError, OSError):
        return FailureKind.RESET
    return FailureKind.PROTOCOL


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
        type=f"{type(exc).__module__}.{type(exc).__qualname__}",
        message=str(exc)[:500],
        errno=exc.errno if isinstance(exc, OSError) and not is_ssl else None,
        verify_code=getattr(exc, "verify_code", None) if is_ssl else None,
        reason=exc.reason if isinstance(exc, ssl.SSLError) and isinstance(exc.reason, str) else None,
    )


def _detail(chain: list[BaseException]) -> str:
    """The innermost message that says something."""
    return next((str(e)[:300] for e in reversed(chain) if str(e)), "")
