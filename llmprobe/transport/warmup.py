"""What must be ready before the first clock starts: imports, stamps, trust."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec

from llmprobe.model import Target
from llmprobe.transport.network import stamps
from llmprobe.transport.proxies import chosen_proxy
from llmprobe.transport.trust import context_of


def warm_up(targets: Iterable[Target], *, stock_network: bool = False) -> None:
    """
    Import what httpcore imports late and wake the kernel's stamps, so that the first probe reads
    like the later ones. Call it in a running loop. A CA bundle that cannot be read is reported by
    the probe that needs it.
    """
    targets = list(targets)
    stamps.wake()
    proxies = {chosen_proxy(target.base_url, target.proxy, os.environ) for target in targets} - {None}
    if stock_network or proxies or any(target.http2 for target in targets):
        _wake_pool()
    if any(str(proxy).startswith("socks") for proxy in proxies) and find_spec("socksio"):
        import socksio.socks5  # noqa: F401
    if any(target.http2 for target in targets):
        _wake_http2()
    for target in targets:
        if target.base_url.startswith("https:"):
            _load_trust(target)


def _load_trust(target: Target) -> None:
    with contextlib.suppress(OSError):
        context_of(target.ca_bundle, target.verify_tls, os.environ, http2=target.http2)


def _wake_pool() -> None:
    """httpcore's pool locks with anyio, which looks for its asyncio backend on first use: 15 ms."""
    import anyio

    _settle_sniffio()
    anyio.Event()
    anyio.Lock()


def _wake_http2() -> None:
    import h2.connection
    import h2.events
    import h2.exceptions
    import h2.settings

    _touch(h2.connection.H2Connection, h2.events.Event, h2.exceptions.H2Error, h2.settings.Settings)


def _touch(*_: object) -> None:
    """Names that must have been loaded, and nothing more."""


def _settle_sniffio() -> None:
    """
    httpcore asks for sniffio seven times an exchange, and Python forgets that a module is absent:
    where it is not installed each question searches the disk again (a third of the exchange).
    """
    if "sniffio" not in sys.modules and find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]
