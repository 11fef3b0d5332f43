"""What must be ready before the first clock starts: imports, stamps, trust."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable

from llmprobe.transport.network import stamps
from llmprobe.transport.trust import context_for, trust_from


def warm_up(urls: Iterable[str]) -> None:
    """
    Import what httpx imports late and wake the kernel's stamps, so that the first probe reads
    like the later ones (anyio looks for its asyncio backend on first use: 20 ms). Call it in a
    running loop. A CA bundle that cannot be read is reported by the probe that needs it.
    """
    import anyio
    import h11
    import httpcore
    import idna

    _settle_sniffio()
    stamps.wake()
    _touch(h11.Connection, httpcore.AsyncConnectionPool, idna.encode)
    anyio.Event()
    anyio.Lock()
    if any(url.startswith("https:") for url in urls):
        try:
            context_for(trust_from(None, True, os.environ))
        except OSError:
            return


def _settle_sniffio() -> None:
    """
    httpcore asks for sniffio seven times an exchange, and Python forgets that a module is absent:
    where it is not installed each question searches the disk again (a third of the exchange).
    """
    if "sniffio" not in sys.modules and importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]


def _touch(*_: object) -> None:
    """Names that must be imported, and nothing more."""
