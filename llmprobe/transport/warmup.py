"""What must be ready before the first clock starts: imports, stamps, trust."""

from __future__ import annotations

import os
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

    stamps.wake()
    _touch(h11.Connection, httpcore.AsyncConnectionPool, idna.encode)
    anyio.Event()
    anyio.Lock()
    if any(url.startswith("https:") for url in urls):
        try:
            context_for(trust_from(None, True, os.environ))
        except OSError:
            return


def _touch(*_: object) -> None:
    """Names that must be imported, and nothing more."""
