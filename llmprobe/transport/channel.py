"""A way to one origin: httpx's transport on our network backend, with proxy and trust decided."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import httpx
from msgspec import Struct

from llmprobe.transport.network import Http1Connection, ProbeBackend
from llmprobe.transport.proxies import chosen_proxy
from llmprobe.transport.trust import context_of, trust_from

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=1)


class ProbeTransport(httpx.AsyncHTTPTransport):
    """
    Still an `AsyncHTTPTransport`, so that pytest-httpx and proxies reach it.

    Sets one private attribute of httpx; where it is gone the stock backend
    stays, and the result says `clock: user`. A proxy and HTTP/2 need httpcore's
    pool, on our backend; a plain way to the origin has no use for one.
    """

    def __init__(self, backend: ProbeBackend | None, *, pooled: bool, **options: Any) -> None:
        super().__init__(**options)
        self.is_ours = backend is not None and hasattr(self._pool, "_network_backend")
        if backend is None or not self.is_ours:
            return
        if pooled:
            self._pool._network_backend = backend
        else:
            self._pool = Http1Connection(backend, options["verify"])  # type: ignore[assignment]


class Channel(Struct):
    """
    One transport for one target: no request of another target ever waits in it.

    `own_bundle` says that a CA bundle was named, by the configuration or the environment.
    """

    transport: ProbeTransport
    backend: ProbeBackend | None
    proxy: str | None
    own_bundle: bool = False

    async def aclose(self) -> None:
        await self.transport.aclose()


def open_channel(
    url: str,
    *,
    proxy: str | None = None,
    ca_bundle: str | None = None,
    verify_tls: bool = True,
    env: Mapping[str, str] | None = None,
    stock_network: bool = False,
    http2: bool = False,
) -> Channel:
    """
    A channel to the origin of `url`; nothing is sent yet.

    Args:
        proxy: Overrides the environment; `""` means none.
        stock_network: Use httpx's own network backend (`clock: user`).
        http2: Offer HTTP/2; a context of its own, since httpcore sets the protocols on it.

    Raises:
        OSError, ssl.SSLError: The CA bundle cannot be read.
        ValueError: The proxy's URL makes no sense to httpx.
    """
    env = os.environ if env is None else env
    chosen = chosen_proxy(url, proxy, env)
    needs_tls = url.startswith("https:") or (chosen or "").startswith("https:")
    verify = None  # httpx hands it on as it is, and nobody asks for it without TLS
    if needs_tls:
        verify = context_of(ca_bundle, verify_tls, env, http2=http2)
    backend = None if stock_network else ProbeBackend()
    options: dict[str, Any] = {"verify": verify, "trust_env": False, "limits": _LIMITS, "http2": http2}
    if chosen:
        options["proxy"] = _proxy(chosen, verify)
    transport = ProbeTransport(backend, pooled=bool(chosen) or http2, **options)
    own_bundle = False
    if needs_tls:
        trust = trust_from(ca_bundle, verify_tls, env)
        own_bundle = bool(trust.ca_bundle or trust.ca_dir)
    return Channel(transport, backend if transport.is_ours else None, chosen, own_bundle)


def _proxy(url: str, verify: Any) -> httpx.Proxy:
    """Raises ValueError in words that do not quote the URL: it may hold a password."""
    context = verify if url.startswith("https:") else None
    try:
        return httpx.Proxy(url, ssl_context=context)
    except (httpx.InvalidURL, ValueError):
        raise ValueError("the proxy's URL is not valid, or not http, https or socks5") from None
